// Loads the Wasm module and runs its main(). A worker can be started from this same file
// (`new Worker(url, { type: "module" })`): main() then finds no document.
import init from "./{{js}}";

try {
  await init({ module_or_path: new URL("./{{wasm}}", import.meta.url) });
} catch (error) {
  if (globalThis.document) {
    const note = document.createElement("p");
    note.setAttribute("role", "alert");
    note.textContent = `The page could not start: ${error}`;
    document.body.append(note);
  }
  throw error;
}
