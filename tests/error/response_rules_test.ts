import {
  responseError,
  responseRules,
} from "../../lib/error/response_rules.ts";
import { testRules } from "./rule_tables.ts";

testRules("responses", responseRules, responseError);
