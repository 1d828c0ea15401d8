import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { moduleName, readModuleInfo } from './modinfo.js';

/** One module file. */
export interface KernelModule {
  readonly name: string;
  /** Path below the folder of the kernel's version: `kernel/fs/ext4/ext4.ko`. */
  readonly path: string;
  readonly depends: readonly string[];
}

/** The modules of one kernel version, as its package unpacked them. */
export class KernelModules {
  private constructor(
    /** The folder `lib/modules/<version>`. */
    readonly folder: string,
    private readonly paths: ReadonlyMap<string, string>,
    private readonly builtIn: ReadonlySet<string>,
  ) {}

  static async read(folder: string): Promise<KernelModules> {
    const files = await readdir(join(folder, 'kernel'), { recursive: true });
    const paths = files.filter((file) => file.endsWith('.ko')).map((file) => [moduleName(file), join('kernel', file)] as const);
    const builtIn = (await readFile(join(folder, 'modules.builtin'), 'utf8')).split('\n').filter(Boolean);
    return new KernelModules(folder, new Map(paths), new Set(builtIn.map(moduleName)));
  }

  /** The wanted modules and what they need, each after all that it needs. @throws Error for one that this kernel does not have */
  async inOrder(wanted: readonly string[]): Promise<readonly KernelModule[]> {
    const infos = new Map<string, KernelModule>();
    const load = async (name: string): Promise<void> => {
      if (infos.has(name) || this.builtIn.has(name)) return;
      const path = this.paths.get(name);
      if (path === undefined) throw new Error(`the kernel has no module ${name}`);
      const { depends } = readModuleInfo(await readFile(join(this.folder, path)));
      infos.set(name, { name, path, depends });
      for (const needed of depends) await load(needed);
    };
    const names = wanted.map(moduleName);
    for (const name of names) await load(name);
    return orderModules(names, infos);
  }

  bytesOf(module: KernelModule): Promise<Uint8Array> {
    return readFile(join(this.folder, module.path));
  }
}

/** Depth first: what a module needs comes before it; names that are not in `known` are built in. */
export function orderModules(wanted: readonly string[], known: ReadonlyMap<string, KernelModule>): readonly KernelModule[] {
  const ordered = new Map<string, KernelModule>();
  const entered = new Set<string>();
  const place = (name: string): void => {
    const module = known.get(name);
    if (!module || entered.has(name)) return;
    entered.add(name);
    for (const needed of module.depends) place(needed);
    ordered.set(name, module);
  };
  for (const name of wanted) place(name);
  return [...ordered.values()];
}

/** The file `modules.dep` for modprobe: each module with all that must be loaded before it, the last needed first. */
export function modulesDep(modules: readonly KernelModule[]): string {
  const known = new Map(modules.map((module) => [module.name, module]));
  const line = (module: KernelModule): string => {
    const before = orderModules([module.name], known).slice(0, -1).reverse();
    return `${module.path}:${before.map(({ path }) => ` ${path}`).join('')}\n`;
  };
  return modules.map(line).join('');
}

/** A list of module or package names: one a line, `#` begins a comment. */
export function parseNameList(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter((line) => line !== '');
}
