import type { Permission, PlatformRole } from './permissions.js';

/** Who acts, or answers for something: a person, or an API key of an organisation or of the platform. */
export interface Principal {
  type: 'user' | 'api_key';
  id: string;
}

/** A person who calls, signed in or by one of their personal API keys. */
export interface Person extends Principal {
  type: 'user';
  /** Null when a personal API key calls. */
  sessionId: string | null;
  email: string;
  emailVerified: boolean;
  platformRole: PlatformRole;
}

/** A person who signed in, where a route takes no API key. */
export interface SignedInPerson extends Person {
  sessionId: string;
}

/** An API key that calls for itself. */
export interface KeyCaller extends Principal {
  type: 'api_key';
  /** Null: a key of the platform. */
  organisationId: string | null;
  /** `MEMBER` for a key of an organisation. */
  platformRole: PlatformRole;
}

/** Who calls, as the credential says. */
export type Caller = Person | KeyCaller;

/** Where a route acts, read from the database by the one id in its path. */
export interface Place {
  type: 'PLATFORM' | 'ORGANISATION' | 'PROJECT';
  organisationId: string | null;
  projectId: string | null;
}

/** A place by an id and what it is an id of, or the credential's own organisation. */
export type NamedPlace = { parameter: ScopeParameter; id: string } | 'own';

export type ScopeParameter = 'organisationId' | 'projectId' | 'invitationId' | 'roleId';

/** The caller, and what they hold at the place that the path names. */
export interface Access {
  caller: Caller;
  /** Null when the path names nothing, or something that does not exist. */
  placeType: Place['type'] | null;
  organisationId: string | null;
  projectId: string | null;
  organisationStatus: string | null;
  /** Null: a stranger to the organisation. */
  membershipStatus: string | null;
  permissions: string[];
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the access guard; missing on public routes without a valid credential. */
    caller?: Caller;
    place?: Place;
    /** The place, when it exists and the caller is a stranger to it: they are answered as if there were none. */
    hiddenPlace?: Place;
    /** A place that the request names elsewhere than in its path, and what the guard found there. */
    namedPlace?: { place: NamedPlace; access: Access };
    /** The permission that the route wants, if it declares one. */
    wanted?: Permission;
  }
}
