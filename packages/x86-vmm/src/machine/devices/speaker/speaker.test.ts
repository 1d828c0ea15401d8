import { assert, test } from 'vitest';
import { Pit8254 } from '../pit8254/pit8254.js';
import { Port61 } from '../port61/port61.js';
import { ManualClock } from '../support/manual-clock.js';
import { RecordingLine } from '../support/recording-line.js';
import { Speaker } from './speaker.js';

test('the BIOS beep: mode 3 with count 1193 and both bits of port 0x61 sounds 1000 Hz until the bits go', () => {
  const clock = new ManualClock();
  const tones: number[] = [];
  const pit: Pit8254 = new Pit8254({ clock, irq: new RecordingLine(), toneChanged: () => speaker.update() });
  const port61: Port61 = new Port61({ clock, timer: pit, speakerChanged: () => speaker.update() });
  const sources = { toneHz: () => pit.toneHz(2), speakerData: () => port61.speakerData };
  const speaker: Speaker = new Speaker(sources, { tone: (hertz) => tones.push(Math.round(hertz)) });
  pit.writePort(pit.ports[0]!, 3, 1, 0xb6);
  pit.writePort(pit.ports[0]!, 2, 1, 0xa9);
  pit.writePort(pit.ports[0]!, 2, 1, 0x04);
  port61.writePort(port61.ports[0]!, 0, 1, 0x03);
  port61.writePort(port61.ports[0]!, 0, 1, 0x03);
  port61.writePort(port61.ports[0]!, 0, 1, 0x00);
  assert.deepEqual(tones, [1000, 0]);
});

test('a tone that nobody can hear is silence', () => {
  const tones: number[] = [];
  let hertz = 440;
  const speaker = new Speaker({ toneHz: () => hertz, speakerData: () => true }, { tone: (value) => tones.push(value) });
  speaker.update();
  hertz = 100_000;
  speaker.update();
  assert.deepEqual(tones, [440, 0]);
});
