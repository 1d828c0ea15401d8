/*
 * Draws the pictures of docs/engine.md into this folder: the region from a run of the benchmark guest (Debian's gcc and binutils make it),
 * the boot from boot.json (record-boot.mjs), the speeds from docs/numbers.md. Build the packages first.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { regionPicture } from './region-picture.mjs';
import { box, COLOURS, INK, path, picture, QUIET, round, text } from './svg.mjs';

const here = (name) => new URL(name, import.meta.url);
const PEERS = ['v86', 'QEMU TCG'];
const COLOUR_OF = {
  start: COLOURS[6],
  idle: COLOURS[5],
  disk: COLOURS[4],
  memory: COLOURS[2],
  translation: COLOURS[1],
  'execution: interpreter': COLOURS[3],
  'execution: regions': COLOURS[0],
  'execution: board': '#86b3d1',
};
const boot = JSON.parse(readFileSync(here('boot.json'), 'utf8'));

const PICTURES = {
  'region.svg': () => regionPicture(),
  'costs.svg': () => costsPicture(boot.times),
  'flames.svg': () => flamesPicture(boot.flames),
  'speed.svg': () => speedPicture(readFileSync(here('../numbers.md'), 'utf8')),
};
for (const [name, draw] of Object.entries(PICTURES)) writeFileSync(here(name), draw());

/** Wall time, a quarter of a second and more at once, divided between the costs, from the costs so far at each point. */
function costsPicture(noted) {
  const points = [noted[0].map(() => 0), ...noted];
  const costs = ['start', 'idle', 'disk', 'memory', 'translation', 'execution: interpreter', 'execution: regions', 'execution: board'];
  const [left, top, width, height] = [60, 44, 700, 280];
  const end = points.at(-1)[0];
  const x = (ms) => left + (width * ms) / end;
  const y = (share) => top + height * (1 - share);
  const parts = [text(left, 24, 'Where the wall time of a Debian boot goes', { size: 14, bold: true })];
  for (let i = 1; i < points.length; i++) {
    const [before, now] = [points[i - 1], points[i]];
    const all = now[0] - before[0];
    let below = 0;
    for (const cost of costs.keys()) {
      const share = Math.max(0, Math.min(1 - below, (now[cost + 1] - before[cost + 1]) / all));
      parts.push(box(x(before[0]), y(below + share), x(now[0]) - x(before[0]) + 0.3, height * share, { fill: COLOUR_OF[costs[cost]] }));
      below += share;
    }
  }
  for (const share of [0, 0.25, 0.5, 0.75, 1]) parts.push(text(left - 8, y(share) + 4, `${100 * share} %`, { anchor: 'end', size: 11 }));
  for (let s = 0; s * 1000 <= end; s += 5) {
    parts.push(
      path(`M${round(x(s * 1000))} ${top + height}v5`),
      text(x(s * 1000), top + height + 18, `${s} s`, { anchor: 'middle', size: 11 }),
    );
  }
  costs.forEach((cost, i) => {
    const total = points.at(-1)[i + 1];
    const at = top + 20 + i * 24;
    parts.push(box(785, at - 10, 14, 14, { fill: COLOUR_OF[cost] }));
    parts.push(text(806, at + 1, `${cost} ${(total / 1000).toFixed(1)} s, ${((100 * total) / end).toFixed(1)} %`, { size: 12 }));
  });
  const instructions = points.at(-1)[9];
  parts.push(
    text(
      left,
      top + height + 40,
      `${(instructions / 1e9).toFixed(2)} thousand million instructions. Each column is a piece of wall time; the machine was shared.`,
      { size: 11, colour: QUIET },
    ),
  );
  return picture(1040, 380, 'The costs of a Debian boot over time', parts);
}

function flamesPicture(root) {
  const [left, top, width, row] = [10, 44, 1100, 17];
  const parts = [
    text(left, 24, 'Where guest time goes in a Debian boot: callers above, callees below, width is host time', { size: 14, bold: true }),
  ];
  let deepest = 0;
  const draw = ([name, us, children], x, depth) => {
    const wide = (us / root[1]) * width;
    if (wide < 2) return;
    deepest = Math.max(deepest, depth);
    const y = top + depth * row;
    const share = ((100 * us) / root[1]).toFixed(1);
    parts.push(box(x, y, wide - 0.5, row - 1, { fill: warm(name), title: `${name}: ${(us / 1000).toFixed(0)} ms, ${share} %` }));
    const letters = Math.floor((wide - 6) / 5.6);
    if (letters > 3) parts.push(text(x + 3, y + 12, name.length > letters ? `${name.slice(0, letters - 1)}…` : name, { size: 10 }));
    let at = x;
    for (const child of children) {
      draw(child, at, depth + 1);
      at += (child[1] / root[1]) * width;
    }
  };
  draw(root, left, 0);
  return picture(left + width + 10, top + (deepest + 1) * row + 12, 'Flame graph of a Debian boot', parts);
}

/** One colour a name, from red to yellow. */
function warm(name) {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % 9973;
  return `hsl(${15 + (hash % 35)} ${70 + (hash % 20)}% ${66 + (hash % 12)}%)`;
}

/** Ours against each peer, from the table of the suite cpu: 1 is equal, to the right is faster. */
function speedPicture(numbers) {
  const suite = /<!-- bench cpu -->([\s\S]*?)<!-- end cpu -->/.exec(numbers)[1];
  const measured = /^Measured (\S+)/m.exec(suite)[1];
  const rows = [...suite.matchAll(/^\| ([^|]+) \| [^|]+ \| CPU ms a run \| ([^|]+) \| [^|]+ \| ([\d.]+) \|/gm)]
    .map(([, kernel, peer, ratio]) => ({ kernel, peer, ratio: Number(ratio) }))
    .filter(({ kernel, peer }) => !kernel.includes('mean') && PEERS.includes(peer));
  const kernels = [...new Set(rows.map(({ kernel }) => kernel))];
  const [left, top, width, step] = [150, 66, 620, 22];
  const [least, most] = [0.05, 20];
  const x = (ratio) => left + (width * Math.log(Math.min(most, Math.max(least, ratio)) / least)) / Math.log(most / least);
  const bottom = top + kernels.length * step;
  const parts = [
    text(left, 24, 'Speed of each kernel against v86 and QEMU TCG', { size: 14, bold: true }),
    text(left, 42, `CPU time of the peer over ours, ${measured}; to the right of 1 ours is faster. Logarithmic.`, {
      size: 11,
      colour: QUIET,
    }),
  ];
  for (const ratio of [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20]) {
    parts.push(path(`M${round(x(ratio))} ${top - 6}V${bottom}`, { stroke: ratio === 1 ? INK : '#d5dbe1' }));
    parts.push(text(x(ratio), bottom + 16, ratio, { anchor: 'middle', size: 11 }));
  }
  kernels.forEach((kernel, i) => {
    parts.push(text(left - 10, top + i * step + 14, kernel, { anchor: 'end' }));
    PEERS.forEach((peer, n) => {
      const found = rows.find((each) => each.kernel === kernel && each.peer === peer);
      if (!found) return;
      const [from, to] = [x(1), x(found.ratio)].sort((a, b) => a - b);
      parts.push(
        box(from, top + i * step + 2 + n * 8, Math.max(1, to - from), 7, { fill: COLOURS[n], title: `${kernel}, ${peer}: ${found.ratio}` }),
      );
    });
  });
  PEERS.forEach((peer, n) => {
    parts.push(box(800, top + n * 22, 14, 14, { fill: COLOURS[n] }), text(820, top + 11 + n * 22, `against ${peer}`));
  });
  return picture(960, bottom + 30, 'Speed of each kernel against peers', parts);
}
