/**
 * SQL of one text: a value as JSON writes it, `null` where there is none. Answers that are written so by PostgreSQL pass through the process as
 * they are: reading fifty rows column by column, to make objects of them and then JSON, costs three times as much.
 */
export type JsonSql = string;

const orNull = (sql: string): JsonSql => `coalesce(${sql}, 'null')`;

export const sqlJson = {
  /** Of ids, and of words from a list that a constraint keeps: nothing in them is escaped. */
  word: (column: string): JsonSql => orNull(`'"' || ${column} || '"'`),

  /** Of what people or other programs wrote. */
  text: (sql: string): JsonSql => orNull(`to_json(${sql})::text`),

  /** Of numbers and booleans, and of JSON as it is. */
  plain: (column: string): JsonSql => orNull(`${column}::text`),

  /**
   * Of a `timestamptz(3)`, as `Date` writes it: in UTC, with three digits of a second. PostgreSQL leaves out zeros at the end; a tenth of a
   * millisecond keeps them, and is cut off again. `to_char` takes five times as long.
   */
  moment: (column: string): JsonSql =>
    orNull(`left(to_json(${column} AT TIME ZONE 'UTC' + interval '100 microseconds')::text, -2) || 'Z"'`),

  object: <Shown = Record<string, unknown>>(fields: Fields<Shown>): JsonSql => {
    const members = Object.entries<JsonSql>(fields).map(([name, value]) => `"${name}":', ${value}, '`);
    return `concat('{${members.join(',')}}')`;
  },

  /** `null` unless the condition holds. */
  objectIf: <Shown = Record<string, unknown>>(condition: string, fields: Fields<Shown>): JsonSql =>
    `CASE WHEN ${condition} THEN ${sqlJson.object<Shown>(fields)} ELSE 'null' END`,

  /** `from`: all that follows FROM. */
  list: (value: JsonSql, { from, orderBy }: { from: string; orderBy: string }): JsonSql =>
    `coalesce((SELECT '[' || string_agg(${value}, ',' ORDER BY ${orderBy}) || ']' FROM ${from}), '[]')`,
};

/** Every field of what is shown, in the order in which it is written. */
type Fields<Shown> = Record<keyof Shown, JsonSql>;
