import { createHash, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, SetMetadata, UnauthorizedException } from '@nestjs/common';
import type { CanActivate, ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Request } from 'express';

/** The token that requests must bring. */
export abstract class ControlToken {
  abstract readonly value: string;
}

const PUBLIC = 'millrace:public';

/** Marks a route that answers without a token. */
export const Public = (): MethodDecorator & ClassDecorator => SetMetadata(PUBLIC, true);

/** Lets a request pass that brings `Authorization: Bearer <token>`; compares in constant time. */
@Injectable()
export class BearerGuard implements CanActivate {
  constructor(
    @Inject(Reflector) private readonly reflector: Reflector,
    @Inject(ControlToken) private readonly token: ControlToken,
  ) {}

  canActivate(context: ExecutionContext): boolean {
    if (this.reflector.getAllAndOverride<boolean>(PUBLIC, [context.getHandler(), context.getClass()]))
      return true;
    const header = context.switchToHttp().getRequest<Request>().headers.authorization ?? '';
    const given = /^Bearer +(\S+)$/i.exec(header)?.[1] ?? '';
    if (timingSafeEqual(digest(given), digest(this.token.value))) return true;
    throw new UnauthorizedException(
      'This needs the header "Authorization: Bearer <MILLRACE_CONTROL_TOKEN>".',
    );
  }
}

/** Digests have one length, so that comparing them does not tell the length of the token. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
