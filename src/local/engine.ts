/** Parameters and results are text, as Postgres prints them: the Neon driver reads types itself. */
export interface Statement {
  query: string;
  params: (string | null)[];
}

export interface Field {
  name: string;
  tableID: number;
  columnID: number;
  dataTypeID: number;
  dataTypeSize: number;
  dataTypeModifier: number;
  format: number | string;
}

export interface Answer {
  command: string;
  rowCount: number | null;
  fields: Field[];
  rows: (string | null)[][];
  rowAsArray: true;
}

/** A Postgres to speak to: the embedded one, or a real one (PGURL). */
export interface Engine {
  query(statement: Statement): Promise<Answer>;
  /** All or none, in a transaction opened by `begin`. */
  batch(statements: Statement[], begin: string): Promise<Answer[]>;
  close(): Promise<void>;
}

const errorFields = [
  ...["severity", "code", "detail", "hint", "position", "internalPosition", "internalQuery", "where"],
  ...["schema", "table", "column", "dataType", "constraint", "file", "line", "routine"],
] as const;

/** An error of Postgres with its fields, as the driver expects them. */
export class PostgresError extends Error {
  readonly fields: Record<string, unknown>;
  constructor(message: string, from: Record<string, unknown>) {
    super(message);
    this.fields = Object.fromEntries(errorFields.map((name) => [name, from[name] ?? undefined]));
  }
}
