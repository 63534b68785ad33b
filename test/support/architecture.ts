/** A source file as what it imports, exports and names, and rules over such: each gives what breaks it. */
import { posix } from "node:path";
import { parseAst } from "vitest/node";

/** Files by their path from the project's root. */
export type Sources = Record<string, string>;

interface Import {
  from: string;
  /** Passed on by the same statement: `export ... from`. */
  isReexport: boolean;
  /** Gone when the program runs: `import type`, or nothing in the braces but types. */
  isType: boolean;
}

export interface Module {
  path: string;
  imports: Import[];
  /** Bound by an import and exported by name. */
  passedOn: string[];
  hasDefaultExport: boolean;
  /** `async` and `await`, as often as they are there. */
  waits: string[];
  /** Identifiers that are read, members as `Date.now`; `new Date()` without a time as itself. */
  names: Set<string>;
  /** Strings and the fixed parts of templates. */
  texts: string[];
}

interface Node {
  type: string;
  [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";

export const modulesOf = (sources: Sources): Module[] =>
  Object.entries(sources).map(([path, source]) => readModule(path, source));

function readModule(path: string, source: string): Module {
  const module: Module = {
    path,
    imports: [],
    passedOn: [],
    hasDefaultExport: false,
    waits: [],
    names: new Set(),
    texts: [],
  };
  const bound = new Set<string>();
  visit(parseAst(source, { lang: path.endsWith("x") ? "tsx" : "ts" }) as unknown as Node, (node) => {
    readImport(module, node);
    if (/^Import.*Specifier$/.test(node.type)) bound.add(nameOf(node.local));
    if (node.type === "ExportSpecifier") module.passedOn.push(nameOf(node.local));
    if (isDefault(node)) module.hasDefaultExport = true;
    if (node.async === true) module.waits.push("async");
    if (node.type === "AwaitExpression" || node.await === true) module.waits.push("await");
    if (node.type === "Literal" && typeof node.value === "string") module.texts.push(node.value);
    if (node.type === "TemplateElement") module.texts.push((node.value as { raw: string }).raw);
    readName(module, node);
  });
  module.passedOn = module.passedOn.filter((name) => bound.has(name));
  return module;
}

function readImport(module: Module, node: Node): void {
  if (!isNode(node.source) || typeof node.source.value !== "string") return;
  const isReexport = node.type.startsWith("Export");
  module.imports.push({ from: node.source.value, isReexport, isType: isTypeOnly(node) });
}

function isTypeOnly({ type, importKind, exportKind, specifiers }: Node): boolean {
  if (type === "TSImportType" || importKind === "type" || exportKind === "type") return true;
  const named = Array.isArray(specifiers) ? specifiers : [];
  return named.length > 0 && named.every((one) => one.importKind === "type" || one.exportKind === "type");
}

function readName(module: Module, node: Node): void {
  if (node.type === "Identifier") module.names.add(nameOf(node));
  if (node.type === "MemberExpression" && !node.computed)
    module.names.add(`${nameOf(node.object)}.${nameOf(node.property)}`);
  if (node.type === "NewExpression" && nameOf(node.callee) === "Date" && (node.arguments as Node[]).length === 0)
    module.names.add("new Date()");
}

const isDefault = (node: Node): boolean =>
  node.type === "ExportDefaultDeclaration" || (node.type === "ExportSpecifier" && nameOf(node.exported) === "default");

const nameOf = (node: unknown): string => (isNode(node) ? String(node.name ?? node.value ?? "") : "");

/** Names of members and keys are nobody's identifiers: `{ fetch: 1 }` and `view.fetch` touch nothing outside. */
function visit(node: Node, look: (node: Node) => void): void {
  look(node);
  const skipped = node.computed === false ? ["property", "key"] : [];
  for (const [key, value] of Object.entries(node)) {
    if (skipped.includes(key) && !node.shorthand) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) visit(child, look);
  }
}

// -- Arrows ------------------------------------------------------------------------------------------------------

export interface Layer {
  /** Other layers: folders of src, and files at its root by their name. Its own it may import anyway. */
  imports: readonly string[];
  /** `node:` for all of Node's; a file outside src by its path. */
  packages: readonly string[];
  /** Those of both that may only be imported as types. */
  types?: readonly string[];
}

/** `src/core/room.ts` -> `core`, `src/log.ts` -> `log`. */
const layerOf = (path: string): string =>
  path
    .replace(/^src\//, "")
    .replace(/\.tsx?$/, "")
    .replace(/\/.*$/, "");

const isLocal = (from: string): boolean => from.startsWith(".");
const targetOf = (path: string, from: string): string => posix.join(posix.dirname(path), from);

/** `@noble/hashes/sha2.js` -> `@noble/hashes`, `node:fs/promises` -> `node:`. */
function packageOf(from: string): string {
  if (from.startsWith("node:")) return "node:";
  return from.split("/", from.startsWith("@") ? 2 : 1).join("/");
}

export function arrowsBroken(modules: Module[], layers: Record<string, Layer>): string[] {
  return modules.flatMap(({ path, imports }) => {
    const name = layerOf(path);
    const layer = layers[name];
    if (!layer) return [`${path} is in no layer`];
    return imports.filter((one) => !isAllowed(path, one, layer)).map(({ from }) => `${path} -> ${from}`);
  });
}

function isAllowed(path: string, { from, isType }: Import, { imports, packages, types = [] }: Layer): boolean {
  const may = (name: string, names: readonly string[]) => names.includes(name) && (isType || !types.includes(name));
  if (!isLocal(from)) return may(packageOf(from), packages);
  const target = targetOf(path, from);
  if (!target.startsWith("src/")) return may(target, packages);
  return layerOf(target) === layerOf(path) || may(layerOf(target), imports);
}

/** Each cycle once, from its first file round to it again. */
export function cyclesIn(modules: Module[]): string[] {
  const targets = new Map(
    modules.map(({ path, imports }) => [
      path,
      imports.filter(({ from }) => isLocal(from)).map(({ from }) => targetOf(path, from)),
    ]),
  );
  const done = new Set<string>();
  const cycles: string[] = [];
  const follow = (path: string, trail: string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(" -> "));
    if (start >= 0 || done.has(path)) return;
    for (const target of targets.get(path) ?? []) follow(target, [...trail, path]);
    done.add(path);
  };
  for (const path of targets.keys()) follow(path, []);
  return cycles;
}

/** @param limit the most packages one file may use, those in `besides` not counted */
export function packagesBeyond(modules: Module[], limit: number, besides: readonly string[]): string[] {
  return modules.flatMap(({ path, imports }) => {
    const used = new Set(imports.filter(({ from }) => !isLocal(from)).map(({ from }) => packageOf(from)));
    const counted = [...used].filter((name) => !besides.includes(name));
    return counted.length > limit ? [`${path}: ${counted.join(", ")}`] : [];
  });
}

// -- Forms -------------------------------------------------------------------------------------------------------

export function barrelsIn(modules: Module[]): string[] {
  return modules
    .filter(({ imports, passedOn }) => passedOn.length > 0 || imports.some(({ isReexport }) => isReexport))
    .map(({ path }) => path);
}

export function defaultExportsIn(modules: Module[]): string[] {
  return modules.filter(({ hasDefaultExport }) => hasDefaultExport).map(({ path }) => path);
}

export function extensionsMissing(modules: Module[]): string[] {
  return modules.flatMap(({ path, imports }) =>
    imports
      .filter(({ from }) => isLocal(from) && !/\.(tsx?|json|css)$/.test(from))
      .map(({ from }) => `${path} -> ${from}`),
  );
}

const waiting = ["Promise", "queueMicrotask", "setTimeout", "setInterval", "setImmediate", "scheduler"];
const clocks = ["Date.now", "new Date()", "performance"];
const chance = ["Math.random", "crypto", "newId"];
const outside = [
  ...["fetch", "console", "WebSocket", "WebSocketPair", "EventSource", "Request", "Response", "caches", "navigator"],
  ...["process", "globalThis", "self", "localStorage", "indexedDB", "require"],
];

/** Rules are synchronous functions of what they are given: no waiting, no clock, no chance, nothing outside. */
export function impuritiesIn(modules: Module[]): string[] {
  return modules.flatMap(({ path, names, waits }) => {
    const found = [...waits, ...[...waiting, ...clocks, ...chance, ...outside].filter((name) => names.has(name))];
    return found.map((name) => `${path}: ${name}`);
  });
}

export function consolesIn(modules: Module[]): string[] {
  return modules.filter(({ names }) => names.has("console")).map(({ path }) => path);
}

const statement =
  /^\s*(select\s|insert\s+(or\s+\w+\s+)?into\s|update\s+\S+\s+set\b|delete\s+from\s|with\s+(recursive\s+)?\w+\s.*as\s*\(|(create|alter|drop)\s+(unique\s+)?(table|index)\s|pragma\s)/i;

export function sqlIn(modules: Module[]): string[] {
  return modules.filter(({ texts }) => texts.some((text) => statement.test(text))).map(({ path }) => path);
}
