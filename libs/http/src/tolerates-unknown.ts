const TOLERATES_UNKNOWN = Symbol('tolerates unknown');

/**
 * For wire formats of others. On a body or query: fields that it does not know are ignored instead of refused.
 * On a controller: so are the parameters of queries that its routes do not take.
 */
export const ToleratesUnknown = (): ClassDecorator => (target) =>
  Reflect.defineMetadata(TOLERATES_UNKNOWN, true, target);

export const toleratesUnknown = (target: object | undefined): boolean =>
  target !== undefined && Reflect.hasMetadata(TOLERATES_UNKNOWN, target);
