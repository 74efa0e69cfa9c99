import type { Socket } from 'node:net';
import { Injectable } from '@nestjs/common';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Who is connected, and for whom there is work under way. */
@Injectable()
export class Connections {
  private readonly open = new Set<Socket>();
  private readonly atWork = new Set<FastifyRequest>();

  /** Called after all hooks that work on an answer are added. */
  watch(server: FastifyInstance): void {
    server.server.on('connection', (socket: Socket) => {
      this.open.add(socket);
      socket.once('close', () => this.open.delete(socket));
    });
    server.addHook('preValidation', (request, reply, done) => {
      this.atWork.add(request);
      reply.raw.once('close', () => this.atWork.delete(request));
      done();
    });
    server.addHook('onSend', (request, _reply, payload, done) => {
      this.atWork.delete(request);
      done(null, payload);
    });
  }

  /** Ends the connections that wait for nothing but their client: to send a request, or to read an answer. */
  cutSlow(): void {
    const awaited = new Set([...this.atWork].map(({ raw }) => raw.socket));
    for (const socket of this.open) if (!awaited.has(socket)) socket.destroy();
  }
}
