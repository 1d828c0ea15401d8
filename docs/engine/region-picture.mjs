/* A region of the benchmark guest's sieve, as the engine finds it: x86 blocks and their edges beside the structure of the generated code. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { disassemble } from '@millwright/assembler';
import { MODE_KEY } from '../../packages/x86-vmm/dist/cpu/state.js';
import { controlFlowOf } from '../../packages/x86-vmm/dist/cpu/translator/control-flow.js';
import { findRegion } from '../../packages/x86-vmm/dist/cpu/translator/find-region.js';
import { BareMachine } from '../../packages/x86-vmm/dist/engines/portable/support/bare-machine.js';
import { buildGuest } from '../../test/bench/guest/build.mjs';
import { box, COLOURS, INK, path, picture, QUIET, text } from './svg.mjs';

const ORIGIN = 0x7c00;
const STACK = 0x9_0000;
const ESP = 4;
const LINE = 15;
const CODE_LEFT = 110;
const CODE_WIDTH = 270;
const TREE_LEFT = 540;
const WIDTH = 1000;
const INDENT = 26;
/** A larger region does not fit on a page. */
const MOST_BLOCKS = 12;

export function regionPicture(kernel = 'sieve') {
  const { shape, bytes } = hotRegion(kernel);
  const flow = controlFlowOf(shape.successors, shape.dispatched.length > 0 ? shape.blocks.length : 0);
  const rows = place(shape, flow, bytes);
  const height = rows.at(-1).bottom + 56;
  const structure = structureOf(shape, flow);
  const parts = [
    text(CODE_LEFT, 24, `x86 code of the kernel ${kernel}`, { size: 14, bold: true }),
    text(CODE_LEFT, 40, 'red: back to a loop; grey: leaves the region', { size: 11, colour: QUIET }),
    text(TREE_LEFT, 24, 'structure of the generated function', { size: 14, bold: true }),
    text(TREE_LEFT, 40, 'a loop is one of WebAssembly; a block ends where ways meet', { size: 11, colour: QUIET }),
    ...rows.flatMap((row) => codeBox(row)),
    ...edges(shape, flow, rows),
    ...structure.flatMap((scope) => scopeBox(scope, rows)),
    ...rows.flatMap((row) => generated(row, structure, shape, flow)),
  ];
  return picture(WIDTH, height, `A region of ${kernel}: control flow and structure`, parts);
}

/** Runs the kernel in the interpreter, as hot code does before it is translated, and takes the largest region that fits on a page. */
function hotRegion(kernel) {
  const folder = mkdtempSync(join(tmpdir(), 'engine-pictures-'));
  try {
    buildGuest(folder);
    const symbols = execFileSync('nm', [join(folder, 'guest.elf')], { encoding: 'utf8' });
    const start = Number.parseInt(new RegExp(`^([0-9a-f]+) T ${kernel}$`, 'm').exec(symbols)[1], 16);
    const bytes = readFileSync(join(folder, 'guest.bin'));
    const machine = new BareMachine('interpreter');
    machine.load(ORIGIN, bytes);
    machine.enterFlat(start);
    machine.setRegister(ESP, STACK);
    const mode = machine.memory.u32[MODE_KEY >> 2];
    const seen = new Set();
    for (let i = 0; i < 4000; i++) {
      machine.engine.run(997);
      seen.add(machine.eip);
    }
    const regions = [...seen]
      .map((linear) => findRegion(machine.engine.blocks, mode, linear))
      .filter((region) => region !== undefined && region.blocks.length <= MOST_BLOCKS);
    return { shape: regions.sort((a, b) => b.blocks.length - a.blocks.length)[0], bytes };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** One row a block, in the order in which the code is generated. */
function place(shape, flow, bytes) {
  let y = 56;
  return flow.order
    .filter((node) => node < shape.blocks.length)
    .map((node) => {
      const { linear, instructions, executions } = shape.blocks[node];
      const lines = instructions.map(
        ({ eip }) => `${eip.toString(16)}  ${disassemble(bytes, eip - ORIGIN, 32, ORIGIN).text.replace(/nosplit |strict /g, '')}`,
      );
      const top = y;
      const bottom = top + Math.max(lines.length, 2) * LINE + 10;
      y = bottom + 18;
      return { node, linear, lines, executions, top, bottom };
    });
}

function codeBox({ top, bottom, lines, executions }) {
  return [
    box(CODE_LEFT, top, CODE_WIDTH, bottom - top, {
      fill: '#f4f6f8',
      stroke: INK,
      title: `executed ${executions ?? 'an unknown number of'} times`,
    }),
    ...lines.map((line, i) => text(CODE_LEFT + 8, top + 16 + i * LINE, line, { mono: true })),
  ];
}

function edges(shape, flow, rows) {
  const rowOf = new Map(rows.map((row) => [row.node, row]));
  const parts = [];
  for (const row of rows) {
    const block = shape.blocks[row.node];
    const inside = shape.successors[row.node].filter((to) => rowOf.has(to));
    for (const to of inside) {
      const target = rowOf.get(to);
      const isBack = flow.isBackEdge(row.node, to);
      const next = rows[rows.indexOf(row) + 1];
      if (target === next) {
        const x = CODE_LEFT + CODE_WIDTH / 2;
        parts.push(path(`M${x} ${row.bottom}V${target.top}`, { arrow: true }));
        continue;
      }
      const reach = 18 + 13 * Math.min(5, Math.abs(rows.indexOf(target) - rows.indexOf(row)));
      const [x, out] = isBack ? [CODE_LEFT, CODE_LEFT - reach] : [CODE_LEFT + CODE_WIDTH, CODE_LEFT + CODE_WIDTH + reach];
      const [from, into] = [row.bottom - 8, target.top + (isBack ? 8 : 6)];
      parts.push(path(`M${x} ${from}C${out} ${from} ${out} ${into} ${x} ${into}`, { stroke: isBack ? COLOURS[3] : INK, arrow: true }));
    }
    const expected = block.end === 'branch' ? 2 : 1;
    if (inside.length < expected || inside.length === 0) {
      const y = row.bottom - 3;
      parts.push(path(`M${CODE_LEFT + CODE_WIDTH} ${y}h26`, { stroke: QUIET, arrow: true }));
    }
  }
  return parts;
}

/** Loops and blocks of the generated function with the first and last node in them, as emit-region.ts opens them. */
function structureOf(shape, flow) {
  const scopes = [];
  const order = [];
  const tree = (node, depth) => {
    const merges = flow.children[node].filter((child) => flow.isMerge[child]);
    if (!flow.isLoopHeader[node]) return within(node, merges, depth);
    const scope = { kind: 'loop', node, depth, first: order.length };
    scopes.push(scope);
    within(node, merges, depth + 1);
    scope.last = order.length - 1;
  };
  const within = (node, [merge, ...rest], depth) => {
    if (merge === undefined) {
      if (node < shape.blocks.length) order.push(node);
      for (const child of flow.children[node].filter((each) => !flow.isMerge[each]).sort((a, b) => flow.position[a] - flow.position[b]))
        tree(child, depth);
      return;
    }
    const scope = { kind: 'block', node: merge, depth, first: order.length };
    scopes.push(scope);
    within(node, rest, depth + 1);
    scope.last = order.length - 1;
    tree(merge, depth);
  };
  tree(flow.order[0], 0);
  return scopes;
}

const scopeName = ({ kind, node }, shape) => `${kind} ${node < shape.blocks.length ? shape.blocks[node].linear.toString(16) : 'dispatch'}`;

function scopeBox(scope, rows) {
  const x = TREE_LEFT + scope.depth * INDENT;
  const top = rows[scope.first].top - 8 + scope.depth * 1.5;
  const bottom = rows[scope.last].bottom + 8 - scope.depth * 1.5;
  const colour = scope.kind === 'loop' ? COLOURS[3] : COLOURS[0];
  return [box(x, top, WIDTH - 20 - x, bottom - top, { stroke: colour, dash: scope.kind === 'loop' ? undefined : '4 3' })];
}

function generated(row, structure, shape, flow) {
  const index = flow.order.filter((node) => node < shape.blocks.length).indexOf(row.node);
  const around = structure.filter(({ first, last }) => first <= index && index <= last);
  const opened = around.filter(({ first }) => first === index);
  const x = TREE_LEFT + 12 + around.length * INDENT;
  const name = (node) => shape.blocks[node].linear.toString(16);
  const to = shape.successors[row.node].filter((node) => node < shape.blocks.length);
  const ways = to.map((node) =>
    flow.isBackEdge(row.node, node) ? `br loop ${name(node)}` : flow.isMerge[node] ? `br block ${name(node)}` : `go on with ${name(node)}`,
  );
  if (to.length < (shape.blocks[row.node].end === 'branch' ? 2 : 1)) ways.push('leave');
  return [
    text(x, row.top + 12, `${name(row.node)}: ${row.lines.length} instructions`, { size: 12 }),
    text(x, row.top + 12 + LINE, ways.join(' | '), { size: 11, colour: QUIET }),
    ...opened.map((scope, i) =>
      text(WIDTH - 25, row.top + 10 + 13 * i, `${scopeName(scope, shape)}`, {
        size: 10,
        anchor: 'end',
        colour: scope.kind === 'loop' ? COLOURS[3] : COLOURS[0],
      }),
    ),
  ];
}
