// Loads a worker's Wasm module and runs its main(), which listens to messages; what came before that is kept for it.
import init from "./{{js}}";

const early = [];
onmessage = (event) => early.push(event);
await init({ module_or_path: new URL("./{{wasm}}", import.meta.url) });
early.forEach((event) => onmessage(event));
