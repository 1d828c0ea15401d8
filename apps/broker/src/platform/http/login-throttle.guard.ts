import { failure } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { Request } from 'express';

/** Guessing a password is slow: per address and name. Everything else is not throttled. */
@Injectable()
export class LoginThrottle extends ThrottlerGuard {
  protected override getTracker(request: Record<string, unknown>): Promise<string> {
    const { ip, body } = request as unknown as Request;
    const name: unknown = (body as { name?: unknown } | undefined)?.name;
    return Promise.resolve(`${ip}/${typeof name === 'string' ? name.toLowerCase().slice(0, 100) : ''}`);
  }

  protected override throwThrottlingException(): Promise<void> {
    return Promise.reject(failure('request.throttled'));
  }
}
