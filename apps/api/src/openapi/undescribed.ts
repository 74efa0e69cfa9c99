/** In place of `@nestjs/swagger` while nobody writes the description: the same names, which do nothing. */
export { PartialType, PickType } from '@nestjs/mapped-types';

const nothing = (): (() => void) => () => undefined;

export {
  nothing as ApiBearerAuth,
  nothing as ApiBody,
  nothing as ApiExcludeController,
  nothing as ApiExtension,
  nothing as ApiExtraModels,
  nothing as ApiHeader,
  nothing as ApiOkResponse,
  nothing as ApiOperation,
  nothing as ApiParam,
  nothing as ApiProperty,
  nothing as ApiQuery,
  nothing as ApiResponse,
  nothing as ApiSecurity,
  nothing as ApiTags,
};
