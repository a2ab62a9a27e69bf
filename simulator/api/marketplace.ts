import { createHash } from 'node:crypto';
import type { Uuid } from '../model.ts';

/**
 * Uuid of the marketplace resource behind a volume or instance. From 2026 on Waldur's own clients refuse a null there (contract 4.2), and
 * as nothing here is ordered, it follows from the object's uuid.
 */
export const marketplaceUuid = (uuid: Uuid): Uuid => createHash('md5').update(`marketplace ${uuid}`).digest('hex');
