import { lstat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathsBelow } from './file-tree.js';
import { runCommand } from './run-command.js';

export interface Ext4Options {
  /** The tree that becomes the file system's content. */
  readonly tree: string;
  /** The image file; it is made sparse. */
  readonly image: string;
  readonly sizeMiB: number;
  readonly label: string;
  /** 32 hexadecimal digits, from which the file system's UUID is made. */
  readonly key: string;
  readonly temporaryFolder: string;
  readonly log: (line: string) => void;
}

/**
 * Named one by one, so that another host's mke2fs.conf changes nothing. With a journal, because guests are switched off like
 * machines are; without metadata checksums, whose driver costs an old CPU more than it finds.
 */
const FEATURES =
  'none,has_journal,ext_attr,resize_inode,dir_index,filetype,extent,flex_bg,sparse_super,large_file,huge_file,dir_nlink,extra_isize';

/** An ext4 file system with a tree in it, made without root and without mounting. */
export async function makeExt4(options: Ext4Options): Promise<void> {
  const { tree, image, sizeMiB, label, key, temporaryFolder, log } = options;
  const uuid = key.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
  const extended = `root_owner=0:0,lazy_itable_init=0,lazy_journal_init=0,nodiscard,hash_seed=${uuid}`;
  const args = ['-q', '-F', '-t', 'ext4', '-b', '4096', '-I', '256', '-m', '1', '-J', 'size=4', '-O', FEATURES];
  await runCommand('mke2fs', [...args, '-L', label, '-U', uuid, '-E', extended, '-d', tree, image, `${sizeMiB}M`], { line: log });
  if (process.getuid?.() !== 0) await giveToRoot(tree, image, temporaryFolder);
}

/** mke2fs copies owners; without root the tree is ours, so the image's inodes are given to root one by one. */
async function giveToRoot(tree: string, image: string, temporaryFolder: string): Promise<void> {
  const paths = (await pathsBelow(tree)).filter((path) => !/["\n]/.test(path));
  const commands = paths.flatMap((path) => [`set_inode_field "/${path}" uid 0`, `set_inode_field "/${path}" gid 0`]);
  const script = join(temporaryFolder, 'owners.debugfs');
  await writeFile(script, `${commands.join('\n')}\n`);
  await runCommand('debugfs', ['-w', '-f', script, image]);
}

/** Bytes that a tree's files take in blocks of 4 KiB. */
export async function treeBytes(tree: string): Promise<number> {
  let blocks = 0;
  for (const path of await pathsBelow(tree)) blocks += 1 + Math.ceil((await lstat(join(tree, path))).size / 4096);
  return blocks * 4096;
}
