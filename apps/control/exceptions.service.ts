import { BadRequestException, Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { HubRepository } from './hub.repository';
import type { ExceptionStatus } from './status.types';

const query = z.strictObject({
  state: z.enum(['open', 'resolved', 'all']).default('open'),
  class: z.string().min(1).optional(),
  system: z.string().min(1).optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(100),
});

/** Sync exceptions as people list them. */
@Injectable()
export class ExceptionsService {
  constructor(@Inject(HubRepository) private readonly hub: HubRepository) {}

  /** Newest first. A wrong or unknown parameter is a 400 that names it. */
  list(parameters: unknown): Promise<ExceptionStatus[]> {
    const parsed = query.safeParse(parameters);
    if (!parsed.success) {
      const problems = parsed.error.issues.map(({ path, message }) => [...path, message].join(': '));
      throw new BadRequestException(`reading the query: ${problems.join('; ')}`);
    }
    return this.hub.exceptions(parsed.data);
  }
}
