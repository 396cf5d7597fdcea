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

// Bytes of a recording that are unpacked at most.
const LONGEST = 256 * 1024 * 1024;

// The same for a file, which gzip may have packed.
globalThis.s390_replay_file = async (file) => {
  const packed = file.name.toLowerCase().endsWith(".gz");
  const stream = packed ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  const parts = [];
  let bytes = 0;
  for (let part; !(part = await reader.read()).done; ) {
    bytes += part.value.length;
    if (bytes > LONGEST) {
      await reader.cancel();
      throw new Error("it holds more than 256 MiB");
    }
    parts.push(decoder.decode(part.value, { stream: true }));
  }
  return globalThis.s390_replay(parts.join(""));
};

try {
  await init({ module_or_path: new URL("./{{wasm}}", import.meta.url) });
} catch (error) {
  const note = document.createElement("p");
  note.setAttribute("role", "alert");
  note.textContent = `The page could not start: ${error}`;
  document.body.append(note);
  throw error;
}
