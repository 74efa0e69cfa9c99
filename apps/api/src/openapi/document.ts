import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import type {
  ContentObject,
  OperationObject,
  ParameterObject,
  ReferenceObject,
  RequestBodyObject,
} from '@nestjs/swagger';
import { answersOf, HEADERS, PROBLEM_EXAMPLES, type Refusals } from './answers.js';
import { DESCRIPTION, TAGS } from './description.js';
import { EXAMPLES } from './examples.js';
import { type DescribedOperation, operationsOf } from './operation-facts.js';
import { ProblemDto } from './problem.dto.js';
import { completeSchemas } from './schemas.js';

const VERSION = '1';
const CREDENTIAL =
  'The token of a session (`uss_…`, from `signIn`) or an API key. `Authorization: Token …` is understood as well.';
const ID_IN_PATH = { type: 'string', format: 'uuid' };
const ORGANISATION_IN_PATH = {
  description: "The organisation's id, or its short id.",
  schema: { type: 'string', minLength: 8, maxLength: 36 },
};

/** The OpenAPI document of the built application; it lacks most of it when the compiler plugin did not run. */
export function describeApi(app: INestApplication, publicUrl: string): OpenAPIObject {
  const scanned = SwaggerModule.createDocument(app, frame(publicUrl), { extraModels: [ProblemDto] });
  const document = completeSchemas(scanned);
  const operations = operationsOf(document);
  const refusals: Refusals = new Map();
  for (const described of operations) describeOperation(described, refusals);
  const responses = Object.fromEntries([...refusals].sort());
  document.components = { ...document.components, responses, headers: HEADERS, examples: PROBLEM_EXAMPLES };
  document.tags = TAGS.filter(({ name }) => operations.some(({ operation }) => operation.tags?.includes(name)));
  document.paths = inOrderOfTags(document);
  return document;
}

const frame = (publicUrl: string) =>
  new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Usher')
    .setVersion(VERSION)
    .setDescription(DESCRIPTION)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer(publicUrl)
    .addSecurity('bearer', { type: 'http', scheme: 'bearer', description: CREDENTIAL })
    .build();

function describeOperation(described: DescribedOperation, refusals: Refusals): void {
  const { operation, parameters, notes } = described;
  operation.operationId = notes.id;
  if (notes.tag) operation.tags = [notes.tag];
  splitSentences(operation);
  operation.responses = answersOf(described, refusals);
  operation.security ??= [];
  if (notes.credential === 'optional') operation.security = [{}, { bearer: [] }];
  operation.parameters = parameters.toSorted(pathFirst).map(describeParameter);
  const { content } = (operation.requestBody ?? {}) as Partial<RequestBodyObject>; // as: bodies are written in place
  addExample(content, notes.request);
  if (content) Object.assign(content, notes.bodies);
  if (notes.rowProblems) Object.assign(operation, { 'x-row-problems': notes.rowProblems });
  const answers = Object.values(operation.responses) as { content?: ContentObject }[]; // as: answersOf wrote them
  addExample(answers[0].content, notes.answer);
}

/** The first sentence of a route's comment is the summary, the rest its description. */
function splitSentences(operation: OperationObject): void {
  const [first = '', ...rest] = (operation.summary ?? '').split(/(?<=\.)\s+/);
  const permission: unknown = Reflect.get(operation, 'x-permission');
  if (typeof permission === 'string') rest.push(`Needs the permission \`${permission}\`.`);
  operation.summary = first.replace(/\.$/, '');
  if (rest.length > 0) operation.description = rest.join(' ');
}

function describeParameter(parameter: ParameterObject): ParameterObject {
  if (parameter.in !== 'path') return parameter;
  if (parameter.name === 'organisationId') return { ...parameter, ...ORGANISATION_IN_PATH };
  return { ...parameter, schema: ID_IN_PATH };
}

function addExample(content: ContentObject | undefined, example?: object): void {
  for (const media of Object.values(content ?? {})) {
    const { $ref = '' } = (media.schema ?? {}) as Partial<ReferenceObject>; // as: bodies refer to named schemas
    const known = example ?? exampleOf($ref.split('/').at(-1) ?? '');
    if (known) media.example = known;
  }
}

function exampleOf(schema: string): object | undefined {
  const row = /^(\w+)Page$/.exec(schema)?.[1];
  return row ? { data: [EXAMPLES[row]], nextCursor: null } : EXAMPLES[schema];
}

/** The order of modules says nothing to a reader, and may change. */
function inOrderOfTags({ paths, tags = [] }: OpenAPIObject): OpenAPIObject['paths'] {
  const names = tags.map((tag) => tag.name);
  const place = (path: string): number => {
    const { get, post, put, patch, delete: remove } = paths[path];
    return names.indexOf((get ?? post ?? put ?? patch ?? remove)?.tags?.[0] ?? '');
  };
  const sorted = Object.keys(paths).sort((a, b) => place(a) - place(b) || (a < b ? -1 : 1));
  return Object.fromEntries(sorted.map((path) => [path, paths[path]]));
}

const pathFirst = (a: ParameterObject, b: ParameterObject): number => Number(b.in === 'path') - Number(a.in === 'path');
