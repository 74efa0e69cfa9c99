import type { Permission, PlatformRole } from './permissions.js';

/** Who calls, as the credential says. */
export interface Caller {
  type: 'user';
  id: string;
  sessionId: string;
  email: string;
  emailVerified: boolean;
  platformRole: PlatformRole;
}

/** Where a route acts, read from the database by the one id in its path. */
export interface Place {
  type: 'PLATFORM' | 'ORGANISATION' | 'PROJECT';
  organisationId: string | null;
  projectId: string | null;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard; missing on public routes without a valid credential. */
    caller?: Caller;
    place?: Place;
    /** The place, when it exists and the caller is a stranger to it: they are answered as if there were none. */
    hiddenPlace?: Place;
    /** The permission that the route wants, if it declares one. */
    wanted?: Permission;
  }
}
