import {
  failure,
  type ImageId,
  ImageIdSchema,
  ImageSchema,
  pageOf,
  type UpdateImage,
  UpdateImageSchema,
  UploadGrantSchema,
  type UploadRequest,
  UploadRequestSchema,
} from '@millwright/contracts';
import { Body, Controller, Delete, Get, Param, Patch, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Answers, Context, Requires } from '../platform/http/endpoint.js';
import type { RequestContext } from '../platform/request-context.js';
import { Images, imageView } from './image.js';
import { ManageImages } from './manage-images.service.js';
import { RequestUpload } from './request-upload.service.js';

@ApiTags('images')
@Controller('images')
export class ImagesController {
  constructor(
    private readonly images: Images,
    private readonly manage: ManageImages,
    private readonly requestUpload: RequestUpload,
  ) {}

  @Get()
  @Requires('image:read')
  @Answers(200, pageOf(ImageSchema))
  async list() {
    const images = await this.images.where({});
    return { items: images.sort((a, b) => a.name.localeCompare(b.name)).map(imageView), nextCursor: null };
  }

  @Post('upload-ticket')
  @Requires('image:write')
  @Answers(201, UploadGrantSchema)
  upload(@Context() ctx: RequestContext, @Body({ schema: UploadRequestSchema }) body: UploadRequest) {
    return this.requestUpload.execute(ctx, body);
  }

  @Post(':id/upload-ticket')
  @Requires('image:write')
  @Answers(201, UploadGrantSchema)
  renew(@Context() ctx: RequestContext, @Param('id', { schema: ImageIdSchema }) id: ImageId) {
    return this.requestUpload.renew(ctx, id);
  }

  @Get(':id')
  @Requires('image:read')
  @Answers(200, ImageSchema)
  async get(@Param('id', { schema: ImageIdSchema }) id: ImageId) {
    const image = await this.images.find(id);
    if (!image) throw failure('image.missing', undefined, { id });
    return imageView(image);
  }

  @Patch(':id')
  @Requires('image:write')
  @Answers(200, ImageSchema)
  rename(
    @Context() ctx: RequestContext,
    @Param('id', { schema: ImageIdSchema }) id: ImageId,
    @Body({ schema: UpdateImageSchema }) body: UpdateImage,
  ) {
    return this.manage.rename(ctx, id, body.name);
  }

  @Delete(':id')
  @Requires('image:write')
  @Answers(204)
  remove(@Context() ctx: RequestContext, @Param('id', { schema: ImageIdSchema }) id: ImageId) {
    return this.manage.remove(ctx, id);
  }
}
