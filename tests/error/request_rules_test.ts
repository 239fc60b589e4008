import { requestError, requestRules } from "../../lib/error/request_rules.ts";
import { testRules } from "./rule_tables.ts";

testRules("requests", requestRules, requestError);
