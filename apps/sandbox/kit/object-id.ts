import { randomBytes } from 'node:crypto';

const OBJECT_ID = /^[0-9a-f]{24}$/i;

/** True for the 24 hexadecimal digits of a MongoDB ObjectId. */
export function isObjectId(text: string): boolean {
  return OBJECT_ID.test(text);
}

/**
 * Gives ObjectIds: 4 bytes of time, 5 of the generator, 3 of a counter. Their order is that of creation
 * while time does not run backwards; they are unique in any case.
 */
export class ObjectIds {
  private counter = 0;

  /** `marker` tells generators apart: 5 bytes, random unless given. */
  constructor(private readonly marker: Buffer = randomBytes(5)) {}

  next(atMs: number): string {
    const id = Buffer.alloc(12);
    id.writeUInt32BE(Math.floor(atMs / 1000) >>> 0, 0);
    this.marker.copy(id, 4, 0, 5);
    id.writeUIntBE(this.counter, 9, 3);
    this.counter = (this.counter + 1) % 0x1000000;
    return id.toString('hex');
  }
}
