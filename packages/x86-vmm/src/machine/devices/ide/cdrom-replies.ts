import type { Sense } from './registers.js';

/*
 * Data that a CD-ROM drive answers with, for a disc of one session and one data track. Sources: MMC-3 (T10 1363-D), SPC-3,
 * SFF-8020i. Each function fills `into` from its start and returns the length.
 */

/** Lead-in before the first sector: two seconds of 75 frames. */
const LEAD_IN_FRAMES = 150;
/** ADR 1 (position), CONTROL 4 (data track). */
const DATA_TRACK = 0x14;
const LEAD_OUT = 0xaa;
const PROFILE_CD_ROM = 0x0008;
const ALL_PAGES = 0x3f;

/** Position as minute, second, frame: two digits at most, so a disc larger than 99 minutes shows its end there. */
export function msf(block: number): readonly [number, number, number] {
  const frame = Math.min(block + LEAD_IN_FRAMES, 100 * 60 * 75 - 1);
  return [Math.floor(frame / 4500), Math.floor(frame / 75) % 60, frame % 75];
}

export function inquiry(into: Uint8Array, model: string): number {
  into.fill(0, 0, 36);
  into.set([0x05, 0x80, 0x05, 0x21, 31]); // CD-ROM, removable, SPC-3, response format 2 of ATAPI
  putText(into, 8, 8, 'MILLWRGT');
  putText(into, 16, 16, model);
  putText(into, 32, 4, '1.0');
  return 36;
}

export function requestSense(into: Uint8Array, sense: Sense): number {
  into.fill(0, 0, 18);
  into[0] = 0x70;
  into[2] = sense.key;
  into[7] = 10;
  into[12] = sense.code;
  into[13] = sense.qualifier;
  return 18;
}

export function readCapacity(into: Uint8Array, blocks: number): number {
  put32(into, 0, blocks - 1);
  put32(into, 4, 2048);
  return 8;
}

/** Formats 0 (tracks), 1 (sessions) and 2 (raw); `undefined`: no such track or format. */
export function readToc(into: Uint8Array, format: number, inMsf: boolean, from: number, blocks: number): number | undefined {
  let at = 4;
  const entry = (track: number, block: number): void => {
    into.set([0, DATA_TRACK, track, 0], at);
    if (inMsf) into.set([0, ...msf(block)], at + 4);
    else put32(into, at + 4, block);
    at += 8;
  };
  const raw = (point: number, p: readonly [number, number, number]): void => {
    into.set([1, DATA_TRACK, 0, point, 0, 0, 0, 0, ...p], at);
    at += 11;
  };
  into.set([0, 0, 1, 1]);
  if (format === 0) {
    if (from > 1 && from !== LEAD_OUT) return undefined;
    if (from <= 1) entry(1, 0);
    entry(LEAD_OUT, blocks);
  } else if (format === 1) entry(1, 0);
  else if (format === 2) {
    raw(0xa0, [1, 0, 0]);
    raw(0xa1, [1, 0, 0]);
    raw(0xa2, msf(blocks));
    raw(1, msf(0));
  } else return undefined;
  put16(into, 0, at - 2);
  return at;
}

/** No audio was played: status only, or the position at the start of the data track. */
export function readSubchannel(into: Uint8Array, wantsData: boolean, format: number, inMsf: boolean): number | undefined {
  into.fill(0, 0, 24);
  into[1] = 0x15; // no current audio status
  if (!wantsData) return 4;
  into[4] = format;
  if (format === 1) {
    into.set([DATA_TRACK, 1, 1], 5);
    if (inMsf) into.set([0, ...msf(0)], 8);
    put16(into, 2, 12);
    return 16;
  }
  if (format !== 2 && format !== 3) return undefined;
  put16(into, 2, 20); // no catalogue number, no ISRC
  return 24;
}

/** Pages 01 (error recovery), 0E (audio) and 2A (capabilities), or all of them. */
export function modeSense(into: Uint8Array, page: number, hasMedium: boolean, locked: boolean): number | undefined {
  into.fill(0, 0, 8);
  into[2] = hasMedium ? 0x01 : 0x70; // 120 mm data disc, or no disc
  let at = 8;
  const wanted = (code: number): boolean => page === code || page === ALL_PAGES;
  if (wanted(0x01)) {
    into.set([0x01, 0x06, 0, 5, 0, 0, 0, 0], at);
    at += 8;
  }
  if (wanted(0x0e)) {
    into.fill(0, at, at + 16);
    into.set([0x0e, 0x0e, 0x04], at);
    at += 16;
  }
  if (wanted(0x2a)) {
    into.fill(0, at, at + 20);
    // Reads nothing but pressed discs; mode 2, multi-session; lock, eject, tray; speed 4234 KiB/s (24x).
    into.set([0x2a, 0x12, 0x00, 0x00, 0x70, 0x60, 0x29 | (locked ? 0x02 : 0), 0x00], at);
    put16(into, at + 8, 4234);
    put16(into, at + 12, 512);
    put16(into, at + 14, 4234);
    at += 20;
  }
  if (at === 8) return undefined;
  put16(into, 0, at - 2);
  return at;
}

/** Features profile list, core, removable medium, random readable, CD read; `starting` at a feature, or that one only. */
export function getConfiguration(into: Uint8Array, requestType: number, starting: number, hasMedium: boolean): number {
  const current = hasMedium ? 1 : 0;
  const features: readonly (readonly number[])[] = [
    [0x00, 0x00, 0x03, 0x04, 0x00, 0x08, current, 0x00],
    [0x00, 0x01, 0x0b, 0x08, 0x00, 0x00, 0x00, 0x02, 0x01, 0x00, 0x00, 0x00],
    [0x00, 0x03, 0x07, 0x04, 0x29, 0x00, 0x00, 0x00],
    [0x00, 0x10, current, 0x08, 0x00, 0x00, 0x08, 0x00, 0x00, 0x01, 0x00, 0x00],
    [0x00, 0x1e, 0x08 | current, 0x04, 0x00, 0x00, 0x00, 0x00],
  ];
  let at = 8;
  for (const feature of features) {
    const code = (feature[0]! << 8) | feature[1]!;
    const isCurrent = (feature[2]! & 1) !== 0;
    if (code < starting || (requestType === 2 && code !== starting) || (requestType === 1 && !isCurrent)) continue;
    into.set(feature, at);
    at += feature.length;
  }
  into.fill(0, 0, 8);
  put32(into, 0, at - 4);
  put16(into, 6, hasMedium ? PROFILE_CD_ROM : 0);
  return at;
}

/** What GET EVENT STATUS NOTIFICATION reports of the medium: event code (0 none, 2 new medium, 3 removed). */
export function mediaEvent(into: Uint8Array, classes: number, event: number, hasMedium: boolean, trayOpen: boolean): number {
  const MEDIA_CLASS = 0x10;
  if (!(classes & MEDIA_CLASS)) {
    into.set([0, 2, 0x80, MEDIA_CLASS]); // no event available in the classes asked for
    return 4;
  }
  into.set([0, 6, 0x04, MEDIA_CLASS, event, (trayOpen ? 1 : 0) | (hasMedium ? 2 : 0), 0, 0]);
  return 8;
}

export function mechanismStatus(into: Uint8Array, trayOpen: boolean): number {
  into.fill(0, 0, 8);
  into[1] = trayOpen ? 0x10 : 0;
  return 8;
}

/** One finalized disc: one session, one track. */
export function discInformation(into: Uint8Array): number {
  into.fill(0, 0, 34);
  into.set([0, 32, 0x0e, 1, 1, 1, 1, 0x20]);
  into.fill(0xff, 16, 24);
  return 34;
}

/** A raw mode 1 sector around its 2048 bytes of data: sync, header, data; error codes are zero (no drive checks them for us). */
export function rawSector(into: Uint8Array, block: number, data: Uint8Array): void {
  into.fill(0, 0, 2352);
  into.fill(0xff, 1, 11);
  const [minute, second, frame] = msf(block);
  into.set([bcd(minute), bcd(second), bcd(frame), 1], 12);
  into.set(data, 16);
}

const bcd = (value: number): number => (Math.floor(value / 10) << 4) | (value % 10);

function put16(into: Uint8Array, at: number, value: number): void {
  into[at] = value >> 8;
  into[at + 1] = value;
}

function put32(into: Uint8Array, at: number, value: number): void {
  put16(into, at, value >>> 16);
  put16(into, at + 2, value & 0xffff);
}

function putText(into: Uint8Array, at: number, length: number, text: string): void {
  const padded = text.slice(0, length).padEnd(length);
  for (let i = 0; i < length; i++) into[at + i] = padded.charCodeAt(i) & 0x7f;
}
