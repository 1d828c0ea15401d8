import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ProfileNode, ProfileTree } from './profile-tree.js';

/** How a profile is written, by the file's ending. */
export const PROFILE_FORMATS: Readonly<Record<string, (tree: ProfileTree, title: string) => string>> = {
  '.html': flameGraphPage,
  '.folded': foldedStacks,
  '.json': speedscopeFile,
};

/** Collapsed stacks as flamegraph.pl and others take them: frames with `;` between, a space, microseconds of host time. */
function foldedStacks(tree: ProfileTree): string {
  let text = '';
  for (const { frames, ms } of tree.stacks()) {
    const us = Math.round(ms * 1000);
    if (us > 0) text += `${frames.map((name) => name.replaceAll(';', ':')).join(';')} ${us}\n`;
  }
  return text;
}

/** speedscope's file format with two sampled profiles: host time and instructions. */
function speedscopeFile(tree: ProfileTree, title: string): string {
  const indexes = new Map<string, number>();
  const indexOf = (name: string): number => {
    const index = indexes.get(name) ?? indexes.size;
    indexes.set(name, index);
    return index;
  };
  const stacks = [...tree.stacks()];
  const samples = stacks.map(({ frames }) => frames.map(indexOf));
  const profile = (name: string, unit: string, weights: readonly number[]) => ({
    type: 'sampled',
    name,
    unit,
    startValue: 0,
    endValue: weights.reduce((sum, weight) => sum + weight, 0),
    samples,
    weights,
  });
  return JSON.stringify({
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    name: title,
    exporter: 'x86-vmm',
    shared: { frames: [...indexes.keys()].map((name) => ({ name })) },
    profiles: [
      profile(
        'host time',
        'milliseconds',
        stacks.map(({ ms }) => ms),
      ),
      profile(
        'instructions',
        'none',
        stacks.map(({ instructions }) => instructions),
      ),
    ],
  });
}

/** A page that needs nothing but itself: assets/flame-graph.html with the scripts that it names, and the data, inside. */
function flameGraphPage(tree: ProfileTree): string {
  const require = createRequire(import.meta.url);
  const data = JSON.stringify({ time: flames(tree.root, ({ ms }) => Math.round(ms * 1000)), instructions: flames(tree.root, count) });
  const inside: Readonly<Record<string, string>> = {
    'src="d3.min.js"': `>${readBeside(require.resolve('d3'), 'd3.min.js')}`,
    'src="d3-flamegraph.umd.min.js"': `>${readBeside(require.resolve('d3-flame-graph'), 'd3-flamegraph.umd.min.js')}`,
    // A name may be anything: no tag may come out of it.
    'id="data" type="application/json"': ` id="data" type="application/json">${data.replaceAll('<', '\\u003c')}`,
  };
  const page = readFileSync(new URL('../../../assets/flame-graph.html', import.meta.url), 'utf8');
  return page.replace(/<script ([^>]+)>(?:null)?<\/script>/g, (_script, attributes: string) => `<script${inside[attributes]!}</script>`);
}

function readBeside(path: string, file: string): string {
  return readFileSync(join(dirname(path), file), 'utf8');
}

const count = ({ instructions }: ProfileNode): number => instructions;

interface Flame {
  readonly name: string;
  readonly value: number;
  readonly children: readonly Flame[];
}

function flames(node: ProfileNode, value: (node: ProfileNode) => number): Flame {
  const children = [...node.children.values()].map((child) => flames(child, value)).filter((child) => child.value > 0);
  return { name: node.name, value: value(node), children };
}
