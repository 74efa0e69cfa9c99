import { beginSpan, currentSpan, endSpan } from '@usher/config';
import {
  type AfterQueryEvent,
  type BeforeQueryEvent,
  type EntitySubscriberInterface,
  EventSubscriber,
  type QueryRunner,
} from 'typeorm';

type Span = ReturnType<typeof beginSpan>;

const LONGEST_TEXT = 1_000;

/** A span for each statement that runs for something which is traced: its text, without values. */
@EventSubscriber()
export class SqlSpans implements EntitySubscriberInterface {
  /** A connection answers in the order in which it was asked. */
  private readonly running = new WeakMap<QueryRunner, Span[]>();

  beforeQuery({ query, queryRunner }: BeforeQueryEvent): void {
    const spans = this.running.get(queryRunner) ?? [];
    this.running.set(queryRunner, spans);
    spans.push(currentSpan() && begin(withoutValues(query)));
  }

  afterQuery({ queryRunner, error }: AfterQueryEvent): void {
    const span = this.running.get(queryRunner)?.shift() ?? null;
    endSpan(span, {}, error ? codeOf(error) : null);
  }
}

function begin(text: string): Span {
  const [verb = 'SQL'] = /[a-z]+/i.exec(text) ?? [];
  const [, table] = /\b(?:FROM|INTO|UPDATE|JOIN)\s+"?([a-z_]+)/i.exec(text) ?? [];
  return beginSpan({
    name: table ? `${verb.toUpperCase()} ${table}` : verb.toUpperCase(),
    kind: 'CLIENT',
    facts: { 'db.system.name': 'postgresql', 'db.query.text': text.slice(0, LONGEST_TEXT) },
  });
}

/** Statements carry values as parameters; what stands between quotes all the same is left out. */
const withoutValues = (text: string): string =>
  text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/'(?:[^']|'')*'/g, "'…'");

const codeOf = (error: unknown): string => {
  const { code = 'error' } = error as { code?: string }; // as: drivers' errors carry a code of PostgreSQL, or none
  return code;
};
