import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { identifyActor, invalid, problem } from '@usher/http';
import type { FastifyRequest } from 'fastify';
import {
  ACCESS_RULE,
  type AccessRule,
  type CredentialOf,
  type FindPlace,
  PLACE_NAMED_BY,
} from './access.decorators.js';
import { AccessRepository } from './access.repository.js';
import type { Access, Caller, NamedPlace, ScopeParameter } from './caller.js';
import { credentialOf, unauthenticated } from './credential.js';
import { authorise, enterPlace, nameStaff, type Scope } from './place-entry.js';
import { isIdOf } from './short-id.js';

const SCOPES: readonly ScopeParameter[] = ['organisationId', 'projectId', 'invitationId', 'roleId'];

/** Asks of every request what its route declares; a route that declares nothing is closed. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly access: AccessRepository,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const rule = this.ruleOf(context, request);
    const scope = rule.kind === 'public' ? undefined : scopeOf(request);
    const access = await this.authenticate(request, scope, this.namedPlace(context, request));
    if (access) refuseKey(rule.of, access.caller);
    if (rule.kind === 'public') return true;
    if (!access) throw unauthenticated();
    readIds(request);
    enterPlace(request, access, scope);
    if (scope || rule.kind === 'permission') nameStaff(access);
    if (rule.kind === 'permission') authorise(access, rule.permission);
    return true;
  }

  private ruleOf(context: ExecutionContext, request: FastifyRequest): AccessRule {
    const rule = this.reflector.get<AccessRule | undefined>(ACCESS_RULE, context.getHandler());
    if (!rule) throw problem(403, 'forbidden', 'This route is closed.');
    if (rule.kind === 'permission') request.wanted = rule.permission;
    return rule;
  }

  private namedPlace(context: ExecutionContext, request: FastifyRequest): NamedPlace | null {
    return this.reflector.get<FindPlace | undefined>(PLACE_NAMED_BY, context.getHandler())?.(request) ?? null;
  }

  /** A place that is not named by the path is for `PlaceGate` to enter: until then the caller is nowhere. */
  private async authenticate(
    request: FastifyRequest,
    scope?: Scope,
    named?: NamedPlace | null,
  ): Promise<Access | null> {
    const credential = credentialOf(request.headers.authorization);
    if (!credential) return null;
    const found = await this.access.find(credential, named ?? (scope?.isWellFormed ? scope : undefined));
    if (!found) return null;
    if (named) request.namedPlace = { place: named, access: found };
    const access = named ? { ...found, ...NOWHERE } : found;
    request.caller = access.caller;
    identifyActor({ type: access.caller.type, id: access.caller.id });
    return access;
  }
}

const NOWHERE = { placeType: null, organisationId: null, projectId: null, membershipStatus: null, permissions: [] };

function scopeOf(request: FastifyRequest): Scope | undefined {
  const parameters = request.params as Record<string, string>; // as: Fastify's parameters are strings by name
  const parameter = SCOPES.find((name) => name in parameters);
  if (!parameter) return undefined;
  const id = parameters[parameter].toLowerCase();
  return { parameter, id, isWellFormed: isIdOf(parameter, id) };
}

/** Some things only a person may do, and some only a person who signed in. */
function refuseKey(of: CredentialOf, caller: Caller): void {
  const isPerson = caller.type === 'user';
  const isEnough = { anyone: true, person: isPerson, session: isPerson && caller.sessionId !== null }[of];
  if (isEnough) return;
  throw problem(403, 'session_required', 'An API key cannot do this. Sign in, and send the session token instead.');
}

/** Refuses what is no id. From here on ids are lower-case, as the database has them: an id in capitals is the same id. */
function readIds(request: FastifyRequest): void {
  const parameters = request.params as Record<string, string>; // as: see scopeOf
  for (const name of Object.keys(parameters).filter((key) => /(^id|Id)$/.test(key))) {
    const id = parameters[name].toLowerCase();
    if (!isIdOf(name, id)) throw invalid(name, `${name} must be an id, as lists and answers show it`);
    parameters[name] = id;
  }
}
