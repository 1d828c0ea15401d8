import type { HostId, Image, ImageId, ImageKind, ImageReport, ImageState, UserId } from '@millwright/contracts';
import { Records } from '../platform/records.js';

export interface ImageRecord {
  readonly id: ImageId;
  readonly name: string;
  readonly kind: ImageKind;
  readonly state: ImageState;
  readonly reason: string | null;
  readonly reasonCode: string | null;
  readonly sizeBytes: number;
  readonly receivedBytes: number;
  /** Announced by the uploader, or found by the host's check. */
  readonly sha256: string | null;
  readonly hostId: HostId;
  readonly createdBy: UserId | null;
  readonly createdAt: Date;
}

export abstract class Images extends Records<ImageRecord> {}

/** A checked or refused image never goes back to uploading, whatever order reports arrive in. */
export function reported(image: ImageRecord, report: ImageReport): ImageRecord {
  const isFinal = image.state === 'ready' || image.state === 'refused';
  if (isFinal && report.state !== 'ready' && report.state !== 'refused') return image;
  return {
    ...image,
    state: report.state,
    reason: report.reason?.message ?? null,
    reasonCode: report.reason?.code ?? null,
    receivedBytes: report.receivedBytes,
    sha256: report.sha256 ?? image.sha256,
  };
}

export function imageView(i: ImageRecord): Image {
  return {
    id: i.id,
    name: i.name,
    kind: i.kind,
    state: i.state,
    reason: i.reason,
    reasonCode: i.reasonCode,
    sizeBytes: i.sizeBytes,
    receivedBytes: i.receivedBytes,
    sha256: i.sha256,
    hostId: i.hostId,
    createdBy: i.createdBy,
    createdAt: i.createdAt.toISOString(),
  };
}
