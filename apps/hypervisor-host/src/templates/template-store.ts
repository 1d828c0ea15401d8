import { access, mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  LINE3_TEMPLATE,
  PlatformError,
  type TemplateContent,
  TemplateContentSchema,
  TemplateFileSchema,
  TemplateIdSchema,
} from '@millwright/contracts';
import { line3DiskImage } from '@millwright/line3-mixing';

const DISK_FILE = 'disk.img';

/** The default guest, part of the product. */
const LINE3: TemplateContent = TemplateContentSchema.parse({
  id: LINE3_TEMPLATE,
  name: 'Line 3 mixing',
  description: 'Operator panel of a mixing line on bare metal: tank, motor, trend and alarms, keyboard and pointer, Modbus RTU on COM1.',
  source: { kind: 'builtin' },
  presentation: 'hmi',
  defaultMemoryMiB: 32,
  spec: {
    memoryMiB: 32,
    disks: [{ medium: { from: 'template', templateId: LINE3_TEMPLATE, file: DISK_FILE } }],
    pointer: 'absolute',
    serial: ['raw'],
  },
});

/**
 * Templates of this host: the built-in one, and those that guest builds made, each a folder with `template.json` and its files.
 * A template appears whole or not at all: its folder is prepared beside and renamed.
 */
export class TemplateStore {
  readonly #folder: string;
  #built: readonly TemplateContent[] = [];

  constructor(dataFolder: string) {
    this.#folder = join(dataFolder, 'images', 'templates');
  }

  async prepare(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await this.#read();
  }

  contents(): readonly TemplateContent[] {
    return [LINE3, ...this.#built];
  }

  has(id: string): boolean {
    return this.contents().some((template) => template.id === id);
  }

  /** @throws PlatformError template.missing */
  async fileOf(templateId: string, file: string): Promise<string> {
    if (templateId === LINE3_TEMPLATE && file === DISK_FILE) return line3DiskImage();
    // Both are parsed again here: they become a path.
    const path = join(this.#folder, TemplateIdSchema.parse(templateId), TemplateFileSchema.parse(file));
    await access(path).catch(() => {
      throw new PlatformError('template.missing', 'missing', `This host does not have ${file} of template ${templateId}.`);
    });
    return path;
  }

  /** A folder on the same file system in which a build prepares a template's files. */
  async prepareFolder(templateId: string): Promise<string> {
    const folder = join(this.#folder, `.${TemplateIdSchema.parse(templateId)}.partial`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return folder;
  }

  /** Makes a prepared folder the template. Machines that use an older one keep its files open. */
  async publish(content: TemplateContent, prepared: string): Promise<void> {
    const file = await open(join(prepared, 'template.json'), 'w', 0o600);
    await file.writeFile(JSON.stringify(content, null, 2));
    await file.sync();
    await file.close();
    const place = join(this.#folder, content.id);
    await rm(place, { recursive: true, force: true });
    await rename(prepared, place);
    await this.#read();
  }

  /** @throws PlatformError template.builtin */
  async delete(templateId: string): Promise<void> {
    if (templateId === LINE3_TEMPLATE)
      throw new PlatformError('template.builtin', 'conflict', 'This template is part of the product and cannot be deleted.');
    await rm(join(this.#folder, TemplateIdSchema.parse(templateId)), { recursive: true, force: true });
    await this.#read();
  }

  async #read(): Promise<void> {
    const names = (await readdir(this.#folder)).filter((name) => !name.startsWith('.'));
    const read = await Promise.all(
      names.map(async (name) => {
        const parsed = TemplateContentSchema.safeParse(await readJson(join(this.#folder, name, 'template.json')));
        return parsed.success && parsed.data.id === name ? [parsed.data] : [];
      }),
    );
    this.#built = read.flat();
  }
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
