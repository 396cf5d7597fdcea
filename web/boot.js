// Starts the worker, so that it loads beside the page; then loads the page's Wasm module and runs its main().
import init from "./{{js}}";

const start = (url) => new Worker(new URL(url, import.meta.url), { type: "module" });

let first = start("./{{worker}}");
first.onerror = () => (first = null); // nobody has listened yet: let the page see a second worker fail

// How the page gets its worker, and a new one whenever it ended the last one.
globalThis.s390_worker = () => {
  const worker = first ?? start("./{{worker}}");
  first = null;
  return worker;
};

// For other programs: replays a recording of the real driver, in a module that is loaded for that only.
globalThis.s390_replay = (text) =>
  new Promise((resolve, reject) => {
    const worker = start("./{{replay}}");
    const end = (settle) => (event) => {
      worker.terminate();
      settle(event.data ?? new Error(event.message ?? "it cannot be loaded"));
    };
    worker.onmessage = end(resolve);
    worker.onerror = end(reject);
    worker.postMessage(text);
  });

try {
  await init({ module_or_path: new URL("./{{wasm}}", import.meta.url) });
} catch (error) {
  const note = document.createElement("p");
  note.setAttribute("role", "alert");
  note.textContent = `The page could not start: ${error}`;
  document.body.append(note);
  throw error;
}
