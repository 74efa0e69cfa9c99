import type { OpenAPIObject, SchemaObject } from '@nestjs/swagger';

const FORMAT = /\s*@format ([\w-]+)\s*/;
const REFERENCE = /"#\/components\/schemas\/(\w+?)(?:Dto)?"/g;

/** Completes what the compiler read from types and comments. */
export function completeSchemas(document: OpenAPIObject): OpenAPIObject {
  const plain = withoutSuffix(document);
  visit(plain, (node) => {
    nameFormat(node);
    (node.enum as (string | null)[] | undefined)?.sort(byText); // as: all our enums are of words
    if (node.type === 'object' && !node.properties) node.additionalProperties = true;
    node.type = integersOnly(node.type);
    splitNullableEnum(node);
  });
  refuseUnknownFields(plain);
  return plain;
}

/** `Organisation` reads better in a client than `OrganisationDto`. */
function withoutSuffix(document: OpenAPIObject): OpenAPIObject {
  const renamed = JSON.parse(JSON.stringify(document).replace(REFERENCE, '"#/components/schemas/$1"')) as OpenAPIObject; // as: it was one
  const schemas = Object.entries(renamed.components?.schemas ?? {});
  const sorted = schemas.map(([name, schema]) => [name.replace(/Dto$/, ''), schema] as const).sort(byName);
  renamed.components = { ...renamed.components, schemas: Object.fromEntries(sorted) };
  return renamed;
}

/** A comment's `@format uuid` becomes the schema's format. */
function nameFormat(node: SchemaObject): void {
  const format = FORMAT.exec(node.description ?? '')?.[1];
  if (!format) return;
  node.format = format;
  node.description = node.description?.replace(FORMAT, '').trim();
  if (!node.description) delete node.description;
}

/** No number here has a fraction. */
function integersOnly(type: SchemaObject['type']): SchemaObject['type'] {
  if (Array.isArray(type)) return type.map((each) => (each === 'number' ? 'integer' : each));
  return type === 'number' ? 'integer' : type;
}

/** Generators of clients do not read `null` among the words of an enum. */
function splitNullableEnum(node: SchemaObject): void {
  const { type, enum: words, ...rest } = node;
  if (!Array.isArray(type) || !words) return;
  const isWord = (word: unknown): boolean => word !== null;
  const anyOf = [{ type: 'string', enum: words.filter(isWord) }, { type: 'null' }];
  for (const key of Object.keys(node)) Reflect.deleteProperty(node, key);
  Object.assign(node, rest, { anyOf });
}

/** What a request of another wire format does not know it ignores. */
const OF_DIALECTS = /^(Activepieces|Deepset|Gorules|Wiremock)/;

/** As the validation does, where a schema is of requests alone; answers may grow. */
function refuseUnknownFields(document: OpenAPIObject): void {
  const { schemas = {} } = document.components ?? {};
  const operations = Object.values(document.paths).flatMap((item) => [item.get, item.post, item.put, item.patch]);
  const sent = reachable(
    operations.map((operation) => operation?.requestBody),
    schemas,
  );
  const answered = reachable(
    operations.map((operation) => operation?.responses),
    schemas,
  );
  for (const name of sent) {
    if (!answered.has(name) && !OF_DIALECTS.test(name)) Object.assign(schemas[name], { additionalProperties: false });
  }
}

function reachable(roots: unknown, schemas: Record<string, unknown>): Set<string> {
  const found = new Set<string>();
  const follow = (node: unknown): void => {
    for (const [, name] of JSON.stringify(node ?? null).matchAll(REFERENCE)) {
      if (found.has(name)) continue;
      found.add(name);
      follow(schemas[name]);
    }
  };
  follow(roots);
  return found;
}

/** Every schema, also those inside others and those of parameters. */
function visit(node: unknown, change: (schema: SchemaObject) => void): void {
  if (typeof node !== 'object' || node === null) return;
  Object.values(node).forEach((child) => visit(child, change));
  const { type } = node as { type?: unknown }; // as: only read; a property may be called `type`, too
  if (typeof type === 'string' || Array.isArray(type)) change(node);
}

const byName = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number => (a < b ? -1 : 1);
const byText = (a: string | null, b: string | null): number => (b === null || (a !== null && a < b) ? -1 : 1);
