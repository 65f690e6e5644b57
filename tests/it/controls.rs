//! Control characters in longer texts: lines and tabs may stand there, nothing else, whichever dialect brings them.

use serde_json::json;

use crate::support::TestBox;

#[test]
fn longer_texts_hold_lines_and_no_other_controls() {
    let test_box = TestBox::with("[[igrps]]\nid = 19\nname = \"Regions\"\ntypes = []");
    let admin = test_box.admin();
    for (text, fits) in [("two\nlines\r\n\tindented", true), ("", true), ("a\0b", false), ("\u{1b}[31m", false)] {
        let status = |fitting, other| if fits { fitting } else { other };
        let answer = admin.json("PUT", "/api/v1/orgs/default", &json!({ "description": text }));
        assert_eq!(answer.status, status(200, 400), "{text:?}: {}", answer.text);
        let refusal = "must be at most 4000 characters without control characters";
        if !fits {
            assert_eq!(answer.json()["error"]["moreInfo"]["description"], refusal);
        }
        let login = json!({ "login": "admin", "password": crate::support::test_box::ADMIN_PASSWORD });
        let session = test_box.client().json("POST", "/vsaas/api/v2/auth/login", &login).expect(200).json();
        let client = test_box.client().with("x-vsaas-session", session["session"].as_str().unwrap());
        let answer = client.json("PUT", "/vsaas/api/v2/users/1", &json!({ "note": text }));
        assert_eq!(answer.status, status(200, 400), "{text:?}: {}", answer.text);
        if !fits {
            assert_eq!(answer.json()["error_message"], format!("note {refusal}"));
        }
    }
    for (reference, status) in [("FR-01", 201), ("", 201), ("a\0b", 400), ("a\nb", 400)] {
        let body = json!({ "parentOrgSpec": 1, "orgName": "x", "brandingId": 1, "orgRefs": { "19": reference } });
        let answer = admin.json("POST", "/config/v2/organisations", &body);
        assert_eq!(answer.status, status, "{reference:?}: {}", answer.text);
        if status == 400 {
            assert_eq!(answer.text, "\"orgRefs must each be at most 255 characters on one line\"");
        }
    }
}
