import { headError, headRules } from "../../lib/error/head_rules.ts";
import { testRules } from "./rule_tables.ts";

testRules("heads", headRules, headError);
