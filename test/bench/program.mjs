import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** Of /proc/PID/stat. */
const TICKS_A_SECOND = 100;

/** A program that answers lines on standard output to lines on standard input, and what it costs in CPU time. */
export class Program {
  #child;
  #text = '';
  #errors = '';
  #ended = false;
  #wake = () => {};
  /** Nanoseconds by thread; a thread's time stays when it has ended. */
  #threads = new Map();

  /** @param {readonly string[]} command */
  constructor(command) {
    this.#child = spawn(command[0], command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdin.on('error', () => {});
    this.#child.stdout.on('data', (bytes) => {
      this.#text += bytes.toString('latin1');
      this.#wake();
    });
    this.#child.stderr.on('data', (bytes) => {
      this.#errors = (this.#errors + bytes.toString('latin1')).slice(-2000);
    });
    this.#child.on('error', (error) => {
      this.#errors += error.message;
    });
    this.#child.on('close', () => {
      this.#ended = true;
      this.#wake();
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** CPU seconds so far, user and system, of all threads. Needs the process to run. */
  cpuSeconds() {
    const folder = `/proc/${this.#child.pid}`;
    for (const thread of readdirSync(`${folder}/task`)) {
      try {
        const [running] = readFileSync(`${folder}/task/${thread}/schedstat`, 'utf8').split(' ');
        this.#threads.set(thread, Number(running));
      } catch {} // ended since the listing
    }
    const [user, system] = readFileSync(`${folder}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ')
      .slice(11, 13)
      .map(Number);
    const threads = [...this.#threads.values()].reduce((sum, time) => sum + time, 0) / 1e9;
    return Math.max(threads, (user + system) / TICKS_A_SECOND);
  }

  /** Waits for a text that is not yet consumed, and consumes it. @throws Error with the last output when it does not come */
  async until(pattern, seconds) {
    const deadline = Date.now() + seconds * 1000;
    for (;;) {
      const match = pattern.exec(this.#text);
      if (match) {
        this.#text = this.#text.slice(match.index + match[0].length);
        return match;
      }
      const panic = /Kernel panic[^\r\n]*/.exec(this.#text)?.[0];
      if (this.#ended || panic || Date.now() > deadline) {
        const why = this.#ended ? 'the program ended' : (panic ?? `nothing within ${seconds} s`);
        throw new Error(`no ${pattern}: ${why}; ${this.#errors.slice(-400)} ${this.#text.slice(-400)}`);
      }
      await new Promise((resolve) => {
        this.#wake = resolve;
        setTimeout(resolve, Math.min(1000, deadline - Date.now()));
      });
    }
  }

  send(text) {
    this.#child.stdin.write(text);
  }

  /** Has a kernel run `count` times: its checksum, and the time from question to answer. */
  async measure(name, count, seconds) {
    const begin = { cpu: this.cpuSeconds(), wall: performance.now() };
    this.send(`${name} ${count}\n`);
    const [, sum] = await this.until(new RegExp(`^${name} ${count} ([^\\r\\n]*)\\r?\\n`, 'm'), seconds);
    return { sum, cpuSeconds: this.cpuSeconds() - begin.cpu, wallSeconds: (performance.now() - begin.wall) / 1000 };
  }

  async end() {
    if (this.#ended) return;
    this.#child.kill('SIGKILL');
    await new Promise((resolve) => this.#child.once('close', resolve));
  }
}
