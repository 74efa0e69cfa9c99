import { Catch } from '@nestjs/common';
import { type InvalidField, ProblemFilter, type Refusal, type Said } from '@usher/http';

/** Where something invalid stood: names, and positions in lists. */
type Location = (string | number)[];

const INVALID = ['validation_failed', 'malformed_json'];
const IN_PATH: Location = ['path', 'organization_id'];

/** Says refusals as deepset does: `detail` is a text, or with 422 a list of what is invalid and where. */
@Catch()
export class DeepsetFilter extends ProblemFilter {
  constructor(private readonly source: 'body' | 'query') {
    super();
  }

  protected override say({ status, code, detail, errors }: Refusal): Said {
    const mediaType = 'application/json; charset=utf-8';
    if (!INVALID.includes(code)) return { status, mediaType, body: { detail } };
    const type = code === 'malformed_json' ? 'json_invalid' : 'value_error';
    const fields = errors ?? [{ pointer: '#', detail }];
    const invalid = fields.map((field) => ({ loc: this.locate(field), msg: field.detail, type }));
    return { status: 422, mediaType, body: { detail: invalid } };
  }

  private locate({ pointer }: InvalidField): Location {
    if (pointer === '#/organisationId') return IN_PATH;
    return [this.source, ...pointer.split('/').slice(1).map(plain)];
  }
}

function plain(word: string): string | number {
  return /^\d+$/.test(word) ? Number(word) : word.replaceAll('~1', '/').replaceAll('~0', '~');
}
