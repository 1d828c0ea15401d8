import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { bootSuite } from './boot.mjs';
import { cpuSuite } from './cpu.mjs';
import { displaySuite } from './display.mjs';
import { memorySuite } from './memory.mjs';

/*
 * `npm run bench -- <suite> [--json] [--only name,name] [--engine name]`: one line per figure; the suite's section of docs/numbers.md is
 * written anew, unless only some of its figures were asked for.
 */

const NUMBERS = fileURLToPath(new URL('../../docs/numbers.md', import.meta.url));
const SUITES = { cpu: cpuSuite, boot: bootSuite, display: displaySuite, memory: memorySuite };

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, only: { type: 'string' }, engine: { type: 'string' } },
});
const { json, engine } = options;
const only = options.only?.split(',');
const name = positionals[0];
const suite = SUITES[name];
if (!suite) {
  console.error(`bench: give a suite: ${Object.keys(SUITES).join(', ')}`);
  process.exit(2);
}
const folder = mkdtempSync(join(tmpdir(), 'mw-bench-'));
const figures = [];
/** `value` is null where ours cannot do what the peer did. */
const say = (figure) => {
  const { value, peerValue = null, peer = null, goalRatio, higherIsBetter = true } = figure;
  const ratio = peerValue === null || value === null ? null : round(higherIsBetter ? value / peerValue : peerValue / value);
  const goal = goalRatio === undefined ? (figure.goal ?? null) : `${goalRatio}x`;
  const met =
    goal === null
      ? null
      : value !== null && (goalRatio !== undefined ? ratio >= goalRatio : higherIsBetter ? value >= goal : value <= goal);
  const line = {
    suite: name,
    figure: figure.figure,
    value: round(value),
    unit: figure.unit,
    peer,
    peerValue: peerValue === null ? null : round(peerValue),
    ratio,
    goal,
    met,
  };
  figures.push(line);
  console.log(
    json
      ? JSON.stringify(line)
      : `${line.figure}: ${line.value ?? 'no'} ${line.unit}${peer ? `, ${peer} ${line.peerValue} (ratio ${ratio})` : ''}${met === null ? '' : met ? ', goal met' : `, goal ${goal} missed`}`,
  );
};
const note = (text) => console.error(`bench: ${text}`);
try {
  await suite({ folder, say, note, only, engine });
} finally {
  rmSync(folder, { recursive: true, force: true });
}
if (figures.length > 0 && !only) writeSection(name, figures);

function round(value) {
  return value === null ? null : Number(value.toPrecision(3));
}

function writeSection(suiteName, lines) {
  const cell = (value) => (value === null ? '–' : value === true ? 'yes' : value === false ? 'no' : String(value));
  const table = [
    `<!-- bench ${suiteName} -->`,
    `## ${suiteName}`,
    `Measured ${new Date().toISOString().slice(0, 10)} on a shared machine with Node ${process.version}; compare ratios rather than values.`,
    '',
    '| figure | value | unit | peer | peer’s value | ratio | goal | met |',
    '|---|---|---|---|---|---|---|---|',
    ...lines.map(
      (line) =>
        `| ${[line.figure, line.value, line.unit, line.peer, line.peerValue, line.ratio, line.goal, line.met].map(cell).join(' | ')} |`,
    ),
    `<!-- end ${suiteName} -->`,
  ].join('\n');
  const page = readFileSync(NUMBERS, 'utf8').replace(/\nNo bench has written its figures here yet\.[^\n]*\n/, '');
  const old = new RegExp(`<!-- bench ${suiteName} -->[^]*<!-- end ${suiteName} -->`);
  writeFileSync(NUMBERS, old.test(page) ? page.replace(old, () => table) : `${page.trimEnd()}\n\n${table}\n`);
}
