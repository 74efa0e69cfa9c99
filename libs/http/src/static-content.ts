import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { FastifyReply, FastifyRequest } from 'fastify';
import Negotiator from 'negotiator';

interface Form {
  bytes: Buffer;
  etag: string;
}

const compress = promisify(gzip);

/** What is the same for everyone: all answers share one buffer, so that slow readers take no memory. Read at the first request. */
export class StaticContent {
  private forms?: Promise<{ identity: Form; gzip: Form }>;

  constructor(
    private readonly type: string,
    private readonly read: () => Buffer | string,
  ) {}

  async send(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const encoding = new Negotiator(request.raw).encoding(['gzip', 'identity']) === 'gzip' ? 'gzip' : 'identity';
    const { [encoding]: form } = await (this.forms ??= this.prepare());
    const vary = [reply.getHeader('Vary'), 'Accept-Encoding'].filter(Boolean).join(', ');
    void reply.header('Vary', vary).header('ETag', form.etag);
    if (request.headers['if-none-match']?.includes(form.etag)) return void reply.status(304).send();
    if (encoding === 'gzip') void reply.header('Content-Encoding', encoding);
    void reply.type(this.type).send(form.bytes);
  }

  private async prepare(): Promise<{ identity: Form; gzip: Form }> {
    const bytes = Buffer.from(this.read());
    return { identity: formOf(bytes), gzip: formOf(await compress(bytes)) };
  }
}

const formOf = (bytes: Buffer): Form => ({
  bytes,
  etag: `"${createHash('sha256').update(bytes).digest('base64url')}"`,
});
