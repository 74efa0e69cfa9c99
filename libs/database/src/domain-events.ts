import { Injectable, type Type } from '@nestjs/common';
import type { EntityManager } from 'typeorm';

type Handler<Event> = (tx: EntityManager, event: Event) => Promise<void>;

/**
 * Lets a module below take part in a write of a module above, in the same transaction:
 * removing a member withdraws invitations, though organisations know nothing of invitations.
 */
@Injectable()
export class DomainEvents {
  private readonly handlers = new Map<Type, Handler<unknown>[]>();

  on<Event>(type: Type<Event>, handler: Handler<Event>): void {
    const handlers = this.handlers.get(type) ?? [];
    this.handlers.set(type, [...handlers, handler as Handler<unknown>]); // as: the map pairs each type with its own handlers
  }

  async publish(tx: EntityManager, event: object): Promise<void> {
    const handlers = this.handlers.get(event.constructor as Type) ?? []; // as: events are instances of the classes given to `on`
    for (const handler of handlers) await handler(tx, event);
  }
}
