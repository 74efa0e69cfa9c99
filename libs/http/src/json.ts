import type { FastifyInstance } from 'fastify';

/** An answer that the database has written (`sqlJson`): it is sent as it is. */
export class Json<Answer> {
  declare protected readonly answer: Answer;

  constructor(readonly text: string) {}

  /** What it says, for those who keep it or say it otherwise; moments are text. */
  toJSON(): unknown {
    return JSON.parse(this.text) as unknown;
  }
}

/** What was read from JSON, with moments in these of its fields instead of text. */
export function withMoments<Read extends object>(read: Read, ...fields: (keyof Read)[]): Read {
  const moments = fields.map((name) => [name, read[name] && new Date(read[name] as string)]); // as: text in JSON
  return { ...read, ...(Object.fromEntries(moments) as Partial<Read>) }; // as: of its fields
}

/** All else is written here. */
export function sendJsonAsItIs(server: FastifyInstance): void {
  server.setReplySerializer((answer) => (answer instanceof Json ? answer.text : JSON.stringify(answer)));
}
