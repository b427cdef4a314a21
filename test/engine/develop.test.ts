import { describeLifecycle } from "./lifecycle.ts";

describeLifecycle("develop", 38);
