export { isMissing } from "../atomic-file/atomic-file.ts";
