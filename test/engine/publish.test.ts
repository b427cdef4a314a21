import { describeLifecycle } from "./lifecycle.ts";

describeLifecycle("publish", 25);
