import { type Row } from '../decoder/encoding.js';
import { allRows } from '../decoder/opcode-map.js';
import { PROFILE } from '../state.js';
import { Emitter } from '../wasm/emitter.js';
import { assembleModule, type ImportedFunction, type ModuleFunction, type Signature, TypeTable } from '../wasm/module.js';
import { Op, VALUE_TYPES, type ValueType, WasmType } from '../wasm/opcodes.js';
import { canonicalVariant, type FormSpec, formOf, type Needs, VARIANTS, variantExists } from './forms.js';
import type { Callees } from './guest-builder.js';
import { HelperBuilder, helpers, shortcutName, shortcuts } from './helpers.js';
import { HOT_FORMS } from './hot-forms.js';
import { InterpreterBuilder } from './interpreter-builder.js';
import { GOTO_ROW } from './pseudo-rows.js';
import { RecordField } from './record.js';
import { type LocalCounts, noLocals } from './values.js';

/** Handlers that are not forms of an instruction. */
export interface SpecialHandlers {
  readonly slow: number;
  readonly stale: number;
  readonly goTo: number;
  readonly crossPage: number;
  readonly crossGeneral: number;
  readonly checkNextPage: number;
  readonly forward: number;
}

export interface GeneratedInterpreter {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Handler by row id and variant, `based` forms included: index `(row.id * VARIANTS + variant)`; -1: the form does not exist. */
  readonly handlers: Int16Array;
  /** Handlers of the forms with base and displacement only, same index; -1: use the general one. */
  readonly basedHandlers: Int16Array;
  readonly special: SpecialHandlers;
  /** Handlers of the instructions that have a shortcut, by its kernel. */
  readonly shortcuts: Readonly<Record<string, number>>;
  /** By handler, non-zero: an instruction with a TypeScript body. */
  readonly isSlow: Uint8Array;
  /** Names of kernel functions that the module imports. */
  readonly imports: readonly string[];
  readonly names: readonly string[];
  readonly hotForms: number;
}

const hotNames = new Set(HOT_FORMS);

interface Compiled {
  readonly form: FormSpec;
  readonly needs: Needs;
  readonly key: string;
  readonly locals: LocalCounts;
}

/**
 * Generates the interpreter (`profile`: one that counts the executions of each handler, for choosing the hot forms): one dispatch function `run(record)` with the hot forms inline (see hot-forms.ts), all other forms as
 * functions of their own behind table 0. A large instruction set in one function would never leave V8's baseline compiler.
 */
export function generateInterpreter(options: { readonly profile?: boolean } = {}): GeneratedInterpreter {
  const imports: ImportedFunction[] = [{ name: 'slow', parameters: ['i32'], results: ['i32'] }];
  const scratch = new Emitter();
  const helperNames = new Map(helpers.map((helper, i) => [helper.name, i]));
  const noted = (name: string, signature: Signature): number => {
    const at = imports.findIndex((each) => each.name === name);
    if (at >= 0) return at;
    imports.push({ name, ...signature });
    return imports.length - 1;
  };
  const callees: Callees = {
    index(name, parameters, result) {
      const helper = helperNames.get(name);
      if (helper !== undefined) return imports.length + helper;
      return noted(name, { parameters, results: result === 'none' ? [] : [result] });
    },
  };

  const forms = new Map<string, Compiled>();
  const handlerKeys: (string | undefined)[] = new Array(allRows.length * VARIANTS);
  const basedKeys: (string | undefined)[] = new Array(allRows.length * VARIANTS);
  for (const row of allRows) if (row.instruction.execute) collectForms(row, scratch, callees, forms, handlerKeys, basedKeys);
  const goTo = compileDry(formOf(GOTO_ROW, 1)!, scratch, callees);
  forms.set(goTo.key, goTo);
  // Helpers are run dry too: their imports must be known before any function index is.
  const helperLocals = helpers.map((helper) => dryHelper(helper, scratch, callees));

  const hot = HOT_FORMS.map((name) => forms.get(name)).filter((form): form is Compiled => form !== undefined);
  hot.unshift(goTo);
  const hotKeys = new Set(hot.map((form) => form.key));
  const cold = [...forms.values()].filter((form) => !hotKeys.has(form.key));
  const shortcutNames = shortcuts.map(({ kernel }) => shortcutName(kernel));
  const specialNames = ['slowInstruction', 'stale', 'crossPage', 'crossGeneral', 'checkNextPage', 'forward', ...shortcutNames];
  const handlerIndex = new Map<string, number>();
  for (const form of hot) handlerIndex.set(form.key, handlerIndex.size);
  for (const form of cold) handlerIndex.set(form.key, handlerIndex.size);
  const firstSpecial = handlerIndex.size;

  const work = new Emitter();
  const functions: ModuleFunction[] = helpers.map((helper, i) => {
    const locals = helperLocals[i]!;
    work.restart();
    helper.emit(new HelperBuilder(work, callees, firstLocals(locals, helper.parameters.length)));
    return {
      name: helper.name,
      parameters: helper.parameters,
      results: ['i32'],
      locals: declared(locals),
      body: work.body(),
    };
  });
  for (const form of cold) functions.push(calledForm(form, work, callees));
  const types = new TypeTable();
  const handlerType = types.indexOf({ parameters: ['i32'], results: ['i32'] });
  functions.push(runFunction(hot, work, callees, handlerType, options.profile === true));
  functions.push(executeFunction(work, handlerType));

  const table = [
    ...hot.map(() => helperNames.get('stale')!),
    ...cold.map((_, i) => helpers.length + i),
    ...specialNames.map((name) => helperNames.get(name)!),
  ];
  const bytes = assembleModule(
    {
      memory: { minimumPages: 1024, maximumPages: 65_536 },
      imports,
      functions,
      table,
      exports: ['run', 'execute', 'lookup', 'check'],
      exportsTable: true,
    },
    types,
  );
  const indexes = (keys: readonly (string | undefined)[]): Int16Array =>
    Int16Array.from({ length: keys.length }, (_, i) => (keys[i] === undefined ? -1 : handlerIndex.get(keys[i]!)!));
  const special = (name: string): number => firstSpecial + specialNames.indexOf(name);
  const isSlow = new Array<number>(firstSpecial + specialNames.length).fill(0);
  for (const name of ['slowInstruction', ...shortcutNames]) isSlow[special(name)] = 1;
  return {
    bytes,
    handlers: indexes(handlerKeys),
    basedHandlers: indexes(basedKeys),
    special: {
      slow: special('slowInstruction'),
      stale: special('stale'),
      goTo: 0,
      crossPage: special('crossPage'),
      crossGeneral: special('crossGeneral'),
      checkNextPage: special('checkNextPage'),
      forward: special('forward'),
    },
    shortcuts: Object.fromEntries(shortcuts.map(({ kernel }) => [kernel, special(shortcutName(kernel))])),
    isSlow: Uint8Array.from(isSlow),
    imports: imports.map(({ name }) => name),
    names: [...handlerIndex.keys(), ...specialNames],
    hotForms: hot.length,
  };
}

function emptyNeeds(): Needs {
  return {
    width: false,
    addressSize: false,
    stack: false,
    control: false,
    string: false,
    readWrite: new Set(),
    leaves: false,
    readsFlags: false,
    setsFlags: 'no',
  };
}

/** Runs a form into the scratch buffer to learn what it needs. */
function compileDry(form: FormSpec, scratch: Emitter, callees: Callees): Compiled {
  scratch.restart();
  const needs = emptyNeeds();
  const b = new InterpreterBuilder(scratch, callees, { kind: 'called' }, noLocals());
  b.emit(form, needs);
  if (needs.readWrite.size === 0) return { form, needs, key: form.name, locals: b.highest };
  // Knowing which operands are read and written changes the code: a second run counts its locals.
  scratch.restart();
  const second = new InterpreterBuilder(scratch, callees, { kind: 'called' }, noLocals());
  second.emit(form, needs);
  return { form, needs, key: form.name, locals: second.highest };
}

/** Where the locals of each type begin, behind the parameters, and how a function declares them. */
function firstLocals(counts: LocalCounts, parameters: number): LocalCounts {
  const first = noLocals();
  let at = parameters;
  for (const type of VALUE_TYPES) {
    first[type] = at;
    at += counts[type];
  }
  return first;
}
function declared(counts: LocalCounts): (readonly [number, ValueType])[] {
  return VALUE_TYPES.map((type) => [counts[type], type] as const);
}

/** What a form's `execute` depends on; as interpreter forms have it. `scratch` is written over. */
export function needsOf(form: FormSpec, scratch: Emitter): Needs {
  const needs = emptyNeeds();
  scratch.restart();
  new InterpreterBuilder(scratch, { index: () => 0 }, { kind: 'called' }, noLocals()).emit(form, needs);
  return needs;
}

function collectForms(
  row: Row,
  scratch: Emitter,
  callees: Callees,
  forms: Map<string, Compiled>,
  handlerKeys: (string | undefined)[],
  basedKeys: (string | undefined)[],
): void {
  const canonical = new Map<number, string | undefined>();
  // The needs of a row are those of the first form of each operand size and kind; they do not depend on the families.
  const needsOfGroup: (Needs | undefined)[] = [];
  for (let variant = 0; variant < VARIANTS; variant++) {
    if (!variantExists(row, variant)) continue;
    const group = variant & 3;
    const needs = needsOfGroup[group] ?? compileDry(formOf(row, variant)!, scratch, callees).needs;
    needsOfGroup[group] = needs;
    const kept = canonicalVariant(variant, needs, row);
    if (!canonical.has(kept)) {
      const spec = formOf(row, variantExists(row, kept) ? kept : variant)!;
      canonical.set(kept, spec.name);
      if (!forms.has(spec.name)) forms.set(spec.name, compileDry(spec, scratch, callees));
      if (spec.memory === 'flat' && !needs.string) {
        const based = formOf(row, kept, true)!;
        if (hotNames.has(based.name)) {
          if (!forms.has(based.name)) forms.set(based.name, compileDry(based, scratch, callees));
          basedKeys[row.id * VARIANTS + kept] = based.name;
        }
      }
    }
    handlerKeys[row.id * VARIANTS + variant] = canonical.get(kept);
    basedKeys[row.id * VARIANTS + variant] = basedKeys[row.id * VARIANTS + kept];
  }
}

function dryHelper(helper: (typeof helpers)[number], scratch: Emitter, callees: Callees): LocalCounts {
  scratch.restart();
  const b = new HelperBuilder(scratch, callees, noLocals());
  helper.emit(b);
  return b.highest;
}

function calledForm(compiled: Compiled, e: Emitter, callees: Callees): ModuleFunction {
  e.restart();
  const b = new InterpreterBuilder(e, callees, { kind: 'called' }, firstLocals(compiled.locals, 1));
  b.emit(compiled.form, compiled.needs);
  e.u8(Op.unreachable);
  return {
    name: compiled.key,
    parameters: ['i32'],
    results: ['i32'],
    locals: declared(compiled.locals),
    body: e.body(),
  };
}

/** Adds one to the record's handler in PROFILE; local 1 is free at the head of the loop. */
function countExecution(e: Emitter): void {
  e.op(Op.localGet, 0);
  e.memory(Op.i32Load, RecordField.handler);
  e.constant(3);
  e.u8(Op.i32Shl);
  e.op(Op.localTee, 1);
  e.op(Op.localGet, 1);
  e.memory(Op.i64Load, PROFILE);
  e.constant64(1n);
  e.u8(Op.i64Add);
  e.memory(Op.i64Store, PROFILE);
}

function runFunction(hot: readonly Compiled[], e: Emitter, callees: Callees, handlerType: number, profile: boolean): ModuleFunction {
  const locals = noLocals();
  for (const type of VALUE_TYPES) locals[type] = Math.max(...hot.map((form) => form.locals[type]));
  e.restart();
  const open = (op: number): void => {
    e.u8(op);
    e.u8(WasmType.void);
  };
  open(Op.loop);
  if (profile) countExecution(e);
  // Out of this block: to the record in local 0, if there is one.
  open(Op.block);
  open(Op.block);
  for (let i = 0; i < hot.length; i++) open(Op.block);
  e.op(Op.localGet, 0);
  e.memory(Op.i32Load, RecordField.handler);
  e.u8(Op.brTable);
  e.u32(hot.length);
  for (let i = 0; i <= hot.length; i++) e.u32(i);
  hot.forEach((compiled, i) => {
    e.u8(Op.end);
    const b = new InterpreterBuilder(e, callees, { kind: 'inline', loopDepth: hot.length - i + 1 }, firstLocals(locals, 1));
    b.emit(compiled.form, compiled.needs);
  });
  e.u8(Op.end);
  e.op(Op.localGet, 0);
  e.op(Op.localGet, 0);
  e.memory(Op.i32Load, RecordField.handler);
  e.op(Op.callIndirect, handlerType);
  e.u32(0);
  e.op(Op.localSet, 0);
  e.u8(Op.end);
  e.op(Op.localGet, 0);
  e.op(Op.brIf, 0);
  e.u8(Op.end);
  e.constant(0);
  return {
    name: 'run',
    parameters: ['i32'],
    results: ['i32'],
    locals: declared(locals),
    body: e.body(),
  };
}

/** One record by its handler, again as long as that leads back to it (repeated strings). For records whose handler is not inside `run`. */
function executeFunction(e: Emitter, handlerType: number): ModuleFunction {
  e.restart();
  e.u8(Op.loop);
  e.u8(WasmType.void);
  e.op(Op.localGet, 0);
  e.op(Op.localGet, 0);
  e.memory(Op.i32Load, RecordField.handler);
  e.op(Op.callIndirect, handlerType);
  e.u32(0);
  e.op(Op.localTee, 1);
  e.op(Op.localGet, 0);
  e.u8(Op.i32Eq);
  e.op(Op.brIf, 0);
  e.u8(Op.end);
  e.op(Op.localGet, 1);
  return { name: 'execute', parameters: ['i32'], results: ['i32'], locals: [[1, 'i32']], body: e.body() };
}
