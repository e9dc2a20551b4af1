// Linear memory that grows after every kernel call which took a block of it. It may at any of them, but seldom does: a view
// that is kept over such a call is gone then, what is read through it is nothing, what is written is lost.

const PAGES_ALL = 65_536;
/** There is little use in more: views go at every growth. */
const PAGES_MAX = 4_000;

interface Exports {
  [name: string]: unknown;
  allocatedBytes(): number;
  memoryEnd(): number;
}

/** The memory of kernels that are instantiated from now on. @returns what ends that. */
export function growAtEveryBlock(): () => void {
  const wrapped = new WeakMap<object, Exports>();
  const { Instance } = WebAssembly;
  const replaced = function instantiate(module: WebAssembly.Module, imports: WebAssembly.Imports = {}): object {
    const { kernels, env } = imports;
    const own = kernels === undefined ? undefined : wrapped.get(kernels);
    const instance = new Instance(module, own === undefined ? imports : { ...imports, kernels: own as never });
    const exports = instance.exports as unknown as Exports;
    const memory = env?.['memory'];
    if (exports.memoryEnd === undefined || !(memory instanceof WebAssembly.Memory)) return instance;
    const growing = growingExports(exports, memory);
    wrapped.set(growing, exports);
    return { exports: growing };
  };
  WebAssembly.Instance = replaced as unknown as typeof Instance;
  return () => {
    WebAssembly.Instance = Instance;
  };
}

function growingExports(exports: Exports, memory: WebAssembly.Memory): Exports {
  let isLimited = false;
  const growing: Record<string, unknown> = {};
  for (const [name, kernel] of Object.entries(exports)) {
    if (typeof kernel !== 'function') {
      growing[name] = kernel;
      continue;
    }
    growing[name] = (...given: unknown[]): unknown => {
      if (name === 'memoryLimit') isLimited = given[0] !== PAGES_ALL;
      const bytes = exports.allocatedBytes();
      const end = exports.memoryEnd();
      const result = (kernel as (...args: unknown[]) => unknown)(...given);
      const hasTaken = exports.allocatedBytes() > bytes || exports.memoryEnd() !== end;
      if (hasTaken && !isLimited && memory.buffer.byteLength >>> 16 < PAGES_MAX) memory.grow(1);
      return result;
    };
  }
  return growing as Exports;
}
