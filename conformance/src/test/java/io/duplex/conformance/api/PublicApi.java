package io.duplex.conformance.api;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaConstructor;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.core.domain.JavaGenericArrayType;
import com.tngtech.archunit.core.domain.JavaMember;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.domain.JavaParameterizedType;
import com.tngtech.archunit.core.domain.JavaType;
import com.tngtech.archunit.core.domain.JavaTypeVariable;
import com.tngtech.archunit.core.domain.JavaWildcardType;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a module offers to everybody: the public and protected types and members of the packages that it exports without
 * qualification. Nullness and the values of constants are not in it. Read from class files, none of which is loaded: so the list is the same on every JDK, and needs no library of
 * the module's on the class path.
 */
final class PublicApi {
    private static final Set<JavaModifier> SHOWN = Set.of(
            JavaModifier.PUBLIC,
            JavaModifier.PROTECTED,
            JavaModifier.ABSTRACT,
            JavaModifier.STATIC,
            JavaModifier.FINAL);

    private final JavaClasses classes;
    private final Predicate<String> isExported;
    private final SortedMap<String, SortedSet<String>> membersByType = new TreeMap<>();

    private PublicApi(JavaClasses classes, Predicate<String> isExported) {
        this.classes = classes;
        this.isExported = isExported;
        classes.stream().filter(this::isExposed).forEach(type -> membersByType.put(type(type), members(type)));
    }

    /** The API in a folder of class files; of all packages if it has no module descriptor. */
    static PublicApi of(Path folder) throws IOException {
        JavaClasses classes = new ClassFileImporter()
                .withImportOption(location -> !location.contains("META-INF/versions"))
                .importPath(folder);
        Path descriptor = folder.resolve("module-info.class");
        return new PublicApi(classes, Files.exists(descriptor) ? exports(descriptor)::contains : name -> true);
    }

    private static Set<String> exports(Path descriptor) throws IOException {
        try (InputStream in = Files.newInputStream(descriptor)) {
            return ModuleDescriptor.read(in).exports().stream()
                    .filter(export -> !export.isQualified())
                    .map(ModuleDescriptor.Exports::source)
                    .collect(Collectors.toSet());
        }
    }

    /** Whether nobody is offered anything. */
    boolean isEmpty() {
        return membersByType.isEmpty();
    }

    /** A line for each type, and an indented one for each of its members, sorted. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        for (Map.Entry<String, SortedSet<String>> type : membersByType.entrySet()) {
            lines.add(type.getKey());
            type.getValue().forEach(member -> lines.add("    " + member));
        }
        return lines;
    }

    private boolean isExposed(JavaClass type) {
        return classes.contain(type.getName())
                && isExported.test(type.getPackageName())
                && !type.isAnonymousClass()
                && !type.isLocalClass()
                && isOffered(type.getModifiers())
                && type.getEnclosingClass().map(this::isExposed).orElse(true);
    }

    private static boolean isOffered(Set<JavaModifier> modifiers) {
        return (modifiers.contains(JavaModifier.PUBLIC) || modifiers.contains(JavaModifier.PROTECTED))
                && !modifiers.contains(JavaModifier.SYNTHETIC)
                && !modifiers.contains(JavaModifier.BRIDGE);
    }

    /** Those that the type declares, and those that come from a supertype that is not offered itself. */
    private SortedSet<String> members(JavaClass type) {
        SortedSet<String> lines = new TreeSet<>();
        boolean isFinal = type.getModifiers().contains(JavaModifier.FINAL);
        for (JavaClass declaring : declaring(type)) {
            for (JavaMember member : declaring.getMembers()) {
                boolean isConstructorOfAnother = member instanceof JavaConstructor && declaring != type;
                boolean isForNobody = isFinal && member.getModifiers().contains(JavaModifier.PROTECTED);
                if (isOffered(member.getModifiers()) && !isConstructorOfAnother && !isForNobody) {
                    lines.add(member(member));
                }
            }
        }
        return lines;
    }

    private Collection<JavaClass> declaring(JavaClass type) {
        Set<JavaClass> declaring = new LinkedHashSet<>(Set.of(type));
        Stream.concat(type.getRawSuperclass().stream(), type.getRawInterfaces().stream())
                .filter(parent -> classes.contain(parent.getName()) && !isExposed(parent))
                .forEach(parent -> declaring.addAll(declaring(parent)));
        return declaring;
    }

    private static String type(JavaClass type) {
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        StringBuilder line = new StringBuilder(type.getName().replace('$', '.'));
        line.append(typeParameters(type.getTypeParameters())).append(": ");
        Set<JavaModifier> modifiers = EnumSet.copyOf(type.getModifiers());
        if (type.isTopLevelClass()) {
            modifiers.remove(JavaModifier.STATIC); // ArchUnit takes it from a class that records refer to
        }
        line.append(modifiers(modifiers, type.isInterface())).append(kind);
        type.getSuperclass()
                .filter(parent -> !Set.of("java.lang.Object", "java.lang.Record")
                        .contains(parent.toErasure().getName()))
                .filter(parent -> !type.isEnum())
                .ifPresent(parent -> line.append(" extends ").append(name(parent)));
        String interfaces = type.getInterfaces().stream()
                .map(PublicApi::name)
                .filter(name -> !type.isAnnotation())
                .sorted()
                .collect(Collectors.joining(", "));
        if (!interfaces.isEmpty()) {
            line.append(type.isInterface() ? " extends " : " implements ").append(interfaces);
        }
        return line.toString();
    }

    private static String member(JavaMember member) {
        if (member instanceof JavaField field) {
            return field.getName() + ": " + modifiers(field.getModifiers(), false) + name(field.getType());
        }
        JavaCodeUnit unit = (JavaCodeUnit) member;
        boolean isConstructor = unit instanceof JavaConstructor;
        StringBuilder line = new StringBuilder(isConstructor ? "new" : unit.getName());
        line.append(names(unit.getParameterTypes(), "(", ")")).append(": ");
        line.append(modifiers(unit.getModifiers(), false));
        if (unit instanceof JavaMethod method && isDefault(method)) {
            line.append("default ");
        }
        String variables = typeParameters(unit.getTypeParameters());
        line.append(variables).append(variables.isEmpty() ? "" : " ");
        line.append(isConstructor ? "constructor" : name(unit.getReturnType()));
        List<String> thrown = unit.getExceptionTypes().stream()
                .map(JavaClass::getName)
                .sorted()
                .toList();
        return line + (thrown.isEmpty() ? "" : " throws " + String.join(", ", thrown));
    }

    private static boolean isDefault(JavaMethod method) {
        return method.getOwner().isInterface()
                && !method.getModifiers().contains(JavaModifier.ABSTRACT)
                && !method.getModifiers().contains(JavaModifier.STATIC);
    }

    private static String modifiers(Set<JavaModifier> modifiers, boolean isInterface) {
        return Stream.of(JavaModifier.values())
                .filter(modifier -> SHOWN.contains(modifier) && modifiers.contains(modifier))
                .filter(modifier -> !(isInterface && modifier == JavaModifier.ABSTRACT))
                .map(modifier -> modifier.name().toLowerCase(Locale.ROOT) + " ")
                .collect(Collectors.joining());
    }

    private static String typeParameters(List<? extends JavaTypeVariable<?>> variables) {
        if (variables.isEmpty()) {
            return "";
        }
        return variables.stream()
                .map(variable -> variable.getName() + bounds(" extends ", variable.getUpperBounds()))
                .collect(Collectors.joining(", ", "<", ">"));
    }

    private static String bounds(String word, List<? extends JavaType> types) {
        List<String> names = types.stream()
                .map(PublicApi::name)
                .filter(name -> !name.equals("java.lang.Object"))
                .toList();
        return names.isEmpty() ? "" : word + String.join(" & ", names);
    }

    private static String names(List<? extends JavaType> types, String before, String after) {
        return types.stream().map(PublicApi::name).collect(Collectors.joining(", ", before, after));
    }

    private static String name(JavaType type) {
        if (type instanceof JavaParameterizedType parameterized) {
            return name(parameterized.toErasure()) + names(parameterized.getActualTypeArguments(), "<", ">");
        }
        if (type instanceof JavaWildcardType wildcard) {
            return "?" + bounds(" extends ", wildcard.getUpperBounds()) + bounds(" super ", wildcard.getLowerBounds());
        }
        if (type instanceof JavaGenericArrayType array) {
            return name(array.getComponentType()) + "[]";
        }
        if (type instanceof JavaClass raw && raw.isArray()) {
            return name(raw.getComponentType()) + "[]";
        }
        return type.getName().replace('$', '.');
    }
}
