/** The kit's table: a row a journey as it ends, then what failed. */
import { basename } from "node:path";
import { stripVTControlCharacters } from "node:util";
import type { Reporter, TestModule, TestSuite } from "vitest/node";
import { LeftOut } from "../support/needs.ts";

/** What one journey came to. */
export interface Row {
  journey: string;
  passed: number;
  failures: { test: string; why: string }[];
  /** Reasons, each as often as a test was left out for it. */
  leftOut: string[];
}

interface Thrown {
  name?: string;
  message: string;
}

const isLeftOut = ({ name }: Thrown) => name === LeftOut.name;

/** @param print takes one line, or several */
export function printedTable(print: (text: string) => void): { reporter: Reporter; isFailed(): boolean } {
  const rows: Row[] = [];
  const unhandled: Thrown[] = [];
  const isFailed = () =>
    unhandled.length > 0 || rows.some(({ failures }) => failures.length > 0) || !rows.some(({ passed }) => passed > 0);
  const reporter: Reporter = {
    onTestRunStart: () => print(line("journey", "result", "tests", "")),
    onTestModuleEnd(module) {
      const row = rowOf(module);
      rows.push(row);
      print(printed(row));
    },
    onTestRunEnd(_modules, errors) {
      unhandled.push(...errors);
      print(summary(rows));
      for (const { journey, failures } of rows)
        for (const { test, why } of failures) print(`\n${journey}: ${test}\n  ${why}`);
      for (const { message } of unhandled) print(`\nbeside the journeys\n  ${message}`);
    },
  };
  return { reporter, isFailed };
}

function rowOf(module: TestModule): Row {
  const row: Row = { journey: basename(module.moduleId, ".test.ts"), passed: 0, failures: [], leftOut: [] };
  for (const part of [module, ...module.children.allSuites()]) addHooks(row, part);
  for (const test of module.children.allTests()) {
    const { state, errors = [] } = test.result();
    if (state === "passed") row.passed += 1;
    else if (state === "failed") add(row, test.fullName, errors);
  }
  return row;
}

/** What went wrong before a part's tests, none of which was begun then; what went wrong after that is no wonder. */
function addHooks(row: Row, part: TestModule | TestSuite): void {
  const left = part.errors().filter(isLeftOut);
  const errors = left.length > 0 ? left : part.errors();
  if (errors.length === 0) return;
  const name = part.type === "module" ? "before its tests" : part.fullName;
  // A file that ended while it was read has none.
  const count = [...part.children.allTests("skipped")].length || 1;
  for (let test = 0; test < (left.length > 0 ? count : 1); test++) add(row, name, errors);
}

function add(row: Row, test: string, errors: readonly Thrown[]): void {
  const failure = errors.find((error) => !isLeftOut(error));
  if (failure)
    row.failures.push({ test, why: stripVTControlCharacters(failure.message).split("\n").slice(0, 12).join("\n  ") });
  else row.leftOut.push(errors[0]?.message ?? "");
}

const resultOf = ({ passed, failures }: Row) => (failures.length > 0 ? "FAILED" : passed > 0 ? "passed" : "left out");

/** @returns its line of the table */
export function printed(row: Row): string {
  const { journey, passed, failures, leftOut } = row;
  const partly = passed > 0 && leftOut.length > 0 ? `${leftOut.length} left out: ` : "";
  const notes = [
    ...(failures.length > 0 ? [`${failures.length} failed`] : []),
    ...(leftOut.length > 0 ? [`${partly}${[...new Set(leftOut)].join("; ")}`] : []),
  ];
  return line(journey, resultOf(row), String(passed), notes.join("; "));
}

function line(journey: string, result: string, tests: string, note: string): string {
  return `${journey.padEnd(18)}${result.padEnd(10)}${tests.padStart(5)}  ${note}`.trimEnd();
}

function summary(rows: Row[]): string {
  const count = (result: string) => rows.filter((row) => resultOf(row) === result).length;
  return `\n${count("passed")} passed, ${count("FAILED")} failed, ${count("left out")} left out`;
}
