import { RouteConfig } from '@nestjs/platform-fastify';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import type { FastifyContextConfig } from 'fastify';

/** Adds to what other decorators have said of the route to the server; `RouteConfig` alone would replace it. */
export const routeConfig =
  (config: Partial<FastifyContextConfig>): MethodDecorator =>
  (target, name, descriptor: PropertyDescriptor) => {
    const said: unknown = Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, descriptor.value as object); // as: a method
    RouteConfig({ ...(said ?? {}), ...config })(target, name, descriptor);
  };
