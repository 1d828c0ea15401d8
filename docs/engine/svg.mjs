/* The few shapes that the pictures of docs/engine are made of. */

export const INK = '#1c2630';
export const PAPER = '#ffffff';
export const QUIET = '#6b7785';
/** Told apart by lightness, too. */
export const COLOURS = ['#1f5f8b', '#e08e2b', '#5a9e6f', '#b3475a', '#8f7fb8', '#c9d1d9', '#2e3a46'];

const escaped = (text) => String(text).replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

export const text = (x, y, words, { size = 12, colour = INK, anchor = 'start', mono = false, bold = false } = {}) =>
  `<text x="${round(x)}" y="${round(y)}" font-size="${size}" fill="${colour}" text-anchor="${anchor}"${mono ? ' font-family="monospace" xml:space="preserve"' : ''}${bold ? ' font-weight="bold"' : ''}>${escaped(words)}</text>`;

export const box = (x, y, width, height, { fill = 'none', stroke = 'none', title = undefined, dash = undefined } = {}) =>
  `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${fill}" stroke="${stroke}"${dash ? ` stroke-dasharray="${dash}"` : ''}>${title ? `<title>${escaped(title)}</title>` : ''}</rect>`;

export const path = (d, { fill = 'none', stroke = INK, arrow = false } = {}) =>
  `<path d="${d}" fill="${fill}" stroke="${stroke}"${arrow ? ' marker-end="url(#arrow)"' : ''}/>`;

export const round = (value) => Math.round(value * 10) / 10;

export function picture(width, height, title, parts) {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${round(width)} ${round(height)}" width="${round(width)}" height="${round(height)}" font-family="Helvetica, Arial, sans-serif">
<title>${escaped(title)}</title>
<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L8 4L0 8z" fill="context-stroke"/></marker></defs>
${box(0, 0, width, height, { fill: PAPER })}
${parts.join('\n')}
</svg>
`;
}
