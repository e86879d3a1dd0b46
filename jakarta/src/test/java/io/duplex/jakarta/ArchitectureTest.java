package io.duplex.jakarta;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** Pins that this module stands on core and the API alone. */
class ArchitectureTest {
    private static final JavaClasses JAKARTA = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("io.duplex.jakarta");

    @Test
    void knowsNoTransportAndNoServletContainer() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.netty..",
                        "java.nio.channels..",
                        "io.duplex.server..",
                        "io.duplex.client..",
                        "io.duplex.servlet..",
                        "jakarta.servlet..")
                .check(JAKARTA);
    }

    @Test
    void usesNothingOfTheEngineBelowConnections() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.duplex.frame..", "io.duplex.message..", "io.duplex.protocol..")
                .check(JAKARTA);
    }
}
