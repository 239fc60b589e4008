import { frameError, frameRules } from "../../lib/error/frame_rules.ts";
import { testRules } from "./rule_tables.ts";

testRules("frames", frameRules, frameError);
